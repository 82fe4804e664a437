internal import CZlib

/// Compresses bytes as gzip (RFC 1952), without name and time, so that equal bytes give equal members.
package func gzip(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8] {
  var stream = unsafe z_stream()
  // 16 more than the window's 15 bits asks zlib for gzip's header and trailer.
  let size = Int32(unsafe MemoryLayout<z_stream>.size)
  guard
    unsafe deflateInit2_(
      &stream, level, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
  else { return [] }
  defer { unsafe _ = deflateEnd(&stream) }
  let bound = Int(unsafe deflateBound(&stream, uLong(bytes.count))) + 64
  // Both arrays outlive the one call of deflate, which ends within the bound that zlib itself gave; its input is only read, though the header declares it without const.
  return unsafe bytes.withUnsafeBufferPointer { source in
    unsafe [UInt8](unsafeUninitializedCapacity: bound) { target, written in
      unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
      unsafe stream.avail_in = uInt(source.count)
      unsafe stream.next_out = target.baseAddress
      unsafe stream.avail_out = uInt(bound)
      let result = unsafe deflate(&stream, Z_FINISH)
      written = result == Z_STREAM_END ? bound - Int(unsafe stream.avail_out) : 0
    }
  }
}

/// The same as one file of several members, cut after whole lines; every reader must take them for one stream.
package func gzip(_ bytes: [UInt8], members: Int, level: Int32 = 6) -> [UInt8] {
  var compressed: [UInt8] = []
  var low = 0
  for member in 1...max(1, members) {
    var high = member == members ? bytes.count : max(low, bytes.count * member / max(1, members))
    while high < bytes.count && high > 0 && bytes[high - 1] != UInt8(ascii: "\n") { high += 1 }
    compressed += gzip(Array(bytes[low..<high]), level: level)
    low = high
  }
  return compressed
}

/// Inflates gzip members through zlib in blocks of 256 KiB and throws the bytes away: the least that any reader of the file must do.
///
/// - Returns: how many bytes came out, up to the first fault.
package func inflatedCount(_ compressed: [UInt8]) -> Int {
  var stream = unsafe z_stream()
  let size = Int32(unsafe MemoryLayout<z_stream>.size)
  guard unsafe inflateInit2_(&stream, 31, ZLIB_VERSION, size) == Z_OK else { return 0 }
  defer { unsafe _ = inflateEnd(&stream) }
  var input = compressed
  var room = [UInt8](repeating: 0, count: 256 << 10)
  var count = 0
  // Both arrays outlive the loop that reads and fills them; zlib never writes more than avail_out bytes.
  unsafe input.withUnsafeMutableBufferPointer { source in
    unsafe room.withUnsafeMutableBufferPointer { target in
      unsafe stream.next_in = source.baseAddress
      unsafe stream.avail_in = uInt(source.count)
      while true {
        unsafe stream.next_out = target.baseAddress
        unsafe stream.avail_out = uInt(target.count)
        let result = unsafe inflate(&stream, Z_NO_FLUSH)
        count += target.count - Int(unsafe stream.avail_out)
        if result == Z_STREAM_END {
          guard unsafe stream.avail_in > 0, unsafe inflateReset(&stream) == Z_OK else { return }
        } else if result != Z_OK {
          return
        }
      }
    }
  }
  return count
}
