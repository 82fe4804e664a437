#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zstd.h>
#include <zstd_errors.h>

/* liblzma reads lzip from 5.4 on; an older one says that it does not know the option. */
static inline lzma_ret begin_lzip(lzma_stream *stream, uint64_t limit) {
#if LZMA_VERSION >= 50040002
  return lzma_lzip_decoder(stream, limit, 0);
#else
  (void)stream;
  (void)limit;
  return LZMA_OPTIONS_ERROR;
#endif
}
