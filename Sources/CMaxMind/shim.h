/* What libmaxminddb.so.0 promises to its callers (maxminddb.h of libmaxminddb 1.x, https://maxmind.github.io/libmaxminddb/).

   The library is opened at run time and its header is not needed to build: a machine without it lacks only the databases.
   The layouts hold as long as the library's name does: its own header forbids changing them without another one. */
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

typedef struct MMDB_entry_s {
  const struct MMDB_s *mmdb;
  uint32_t offset;
} MMDB_entry_s;

typedef struct MMDB_lookup_result_s {
  bool found_entry;
  MMDB_entry_s entry;
  uint16_t netmask;
} MMDB_lookup_result_s;

typedef struct MMDB_entry_data_s {
  bool has_data;
  union {
    uint32_t pointer;
    const char *utf8_string;
    double double_value;
    uint16_t uint16;
    uint32_t uint32;
    uint64_t uint64;
#ifdef __SIZEOF_INT128__
    unsigned __int128 uint128;
#else
    uint8_t uint128[16];
#endif
    bool boolean;
  };
  uint32_t offset;
  uint32_t offset_to_next;
  uint32_t data_size;
  uint32_t type;
} MMDB_entry_data_s;

typedef struct MMDB_s {
  uint32_t flags;
  const char *filename;
  ssize_t file_size;
  const uint8_t *file_content;
  const uint8_t *data_section;
  uint32_t data_section_size;
  const uint8_t *metadata_section;
  uint32_t metadata_section_size;
  uint16_t full_record_byte_size;
  uint16_t depth;
  struct {
    uint16_t netmask;
    uint32_t node_value;
  } ipv4_start_node;
  struct {
    uint32_t node_count;
    uint16_t record_size;
    uint16_t ip_version;
    const char *database_type;
    struct {
      size_t count;
      const char **names;
    } languages;
    uint16_t binary_format_major_version;
    uint16_t binary_format_minor_version;
    uint64_t build_epoch;
    struct {
      size_t count;
      void **descriptions;
    } description;
  } metadata;
} MMDB_s;

typedef struct MMDB_search_node_s {
  uint64_t left_record;
  uint64_t right_record;
  uint8_t left_record_type;
  uint8_t right_record_type;
  MMDB_entry_s left_record_entry;
  MMDB_entry_s right_record_entry;
} MMDB_search_node_s;

/* The functions of the library that are used, and the forms in which Swift sees their answers. */
typedef struct maxmind_library {
  int (*open)(const char *, uint32_t, MMDB_s *);
  void (*close)(MMDB_s *);
  MMDB_lookup_result_s (*lookup)(const MMDB_s *, const struct sockaddr *, int *);
  int (*value)(MMDB_entry_s *, MMDB_entry_data_s *, const char *const *);
  int (*node)(const MMDB_s *, uint32_t, MMDB_search_node_s *);
  const char *(*words)(int);
} maxmind_library;

typedef struct maxmind_place {
  int error;
  bool found;
  uint32_t offset;
  uint16_t length;
} maxmind_place;

typedef struct maxmind_value {
  int error;
  uint32_t type;
  uint32_t size;
  bool is_behind_pointer;
  /* Where what stands inside begins, and where what follows does; the latter is not known of a map or an array that stands here. */
  uint32_t inner;
  uint32_t next;
  uint64_t number;
  const char *text;
} maxmind_value;

typedef struct maxmind_record {
  uint8_t type;
  uint64_t number;
  uint32_t offset;
} maxmind_record;

typedef struct maxmind_node {
  int error;
  maxmind_record left, right;
} maxmind_node;

enum { maxmind_string = 2, maxmind_map = 7, maxmind_array = 11, maxmind_boolean = 14 };
enum { maxmind_search_node = 0, maxmind_empty = 1, maxmind_data = 2 };
enum { maxmind_six_in_four = 11 };

static inline bool maxmind_load(const char *name, maxmind_library *library) {
  void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!handle) return false;
  *(void **)&library->open = dlsym(handle, "MMDB_open");
  *(void **)&library->close = dlsym(handle, "MMDB_close");
  *(void **)&library->lookup = dlsym(handle, "MMDB_lookup_sockaddr");
  *(void **)&library->value = dlsym(handle, "MMDB_aget_value");
  *(void **)&library->node = dlsym(handle, "MMDB_read_node");
  *(void **)&library->words = dlsym(handle, "MMDB_strerror");
  return library->open && library->close && library->lookup && library->value && library->node &&
         library->words;
}

/* The leading 32 or 64 bits of an address stand at the left end of `bits`. */
static inline maxmind_place maxmind_find(
    const maxmind_library *library, const MMDB_s *database, uint64_t bits, bool is_six) {
  struct sockaddr_in four;
  struct sockaddr_in6 six;
  memset(&four, 0, sizeof four);
  memset(&six, 0, sizeof six);
  uint8_t bytes[8];
  for (int index = 0; index < 8; index++) bytes[index] = (uint8_t)(bits >> (56 - 8 * index));
  four.sin_family = AF_INET;
  memcpy(&four.sin_addr, bytes, 4);
  six.sin6_family = AF_INET6;
  memcpy(&six.sin6_addr, bytes, 8);
  maxmind_place place = {0, false, 0, 0};
  const struct sockaddr *address =
      is_six ? (const struct sockaddr *)&six : (const struct sockaddr *)&four;
  MMDB_lookup_result_s result = library->lookup(database, address, &place.error);
  place.found = result.found_entry;
  place.offset = result.entry.offset;
  place.length = result.netmask;
  return place;
}

/* One value and nothing of what stands inside it. */
static inline maxmind_value maxmind_read(
    const maxmind_library *library, const MMDB_s *database, uint32_t offset) {
  MMDB_entry_s entry = {database, offset};
  MMDB_entry_data_s data;
  const char *const path[1] = {NULL};
  memset(&data, 0, sizeof data);
  maxmind_value value;
  memset(&value, 0, sizeof value);
  value.error = library->value(&entry, &data, path);
  if (value.error != 0 || !data.has_data) return value;
  value.type = data.type;
  value.size = data.data_size;
  value.inner = data.offset_to_next;
  value.next = data.offset_to_next;
  value.is_behind_pointer = data.offset != offset;
  /* A pointer to a map or an array: the library tells what follows the first byte of that. Two bits of a pointer tell its length. */
  if (value.is_behind_pointer && offset < database->data_section_size)
    value.next = offset + 2 + (database->data_section[offset] >> 3 & 3);
  switch (data.type) {
    case maxmind_string: value.text = data.utf8_string; break;
    case maxmind_boolean: value.number = data.boolean ? 1 : 0; break;
    case 5: value.number = data.uint16; break;
    case 6: value.number = data.uint32; break;
    case 9: value.number = data.uint64; break;
    default: break;
  }
  return value;
}

static inline maxmind_node maxmind_branch(
    const maxmind_library *library, const MMDB_s *database, uint32_t number) {
  MMDB_search_node_s found;
  memset(&found, 0, sizeof found);
  maxmind_node node;
  node.error = library->node(database, number, &found);
  node.left.type = found.left_record_type;
  node.left.number = found.left_record;
  node.left.offset = found.left_record_entry.offset;
  node.right.type = found.right_record_type;
  node.right.number = found.right_record;
  node.right.offset = found.right_record_entry.offset;
  return node;
}
