// The allocator of glibc, which the Glibc module leaves out; nothing where another library is used.
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
