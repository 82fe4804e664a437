internal import SystemPackage

#if canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// What a folder holds, in the order of the names' bytes; nil where it can't be read.
func folderEntries(_ path: FilePath) -> [FilePath.Component]? {
  // Safe: 1. the handle is used between opendir and closedir only; 2. an entry is copied before the
  // next readdir; 3. `d_name` is a C string inside the entry.
  guard let folder = unsafe path.withPlatformString({ unsafe opendir($0) }) else { return nil }
  defer { unsafe closedir(folder) }
  var names: [FilePath.Component] = []
  while let entry = unsafe readdir(folder) {
    let component = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
      unsafe name.withMemoryRebound(
        to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)
      ) { unsafe FilePath.Component(platformString: $0) }
    }
    if let component, component.kind == .regular { names.append(component) }
  }
  return names.sorted { nameBytes($0).lexicographicallyPrecedes(nameBytes($1)) }
}

/// The folders right under a folder whose names are no UTF-8, as ``readableName(_:)-(FilePath)`` tells them: a listing that knows text alone passes over them.
package func unnamableFolders(in path: String) -> [String] {
  let root = FilePath(path)
  return (folderEntries(root) ?? []).filter { name in
    String(validating: nameBytes(name), as: UTF8.self) == nil
      && folderEntries(root.appending(name)) != nil
  }.map { readableName(nameBytes($0)) }
}

/// The path with every link on the way resolved; nil where that fails.
func realPath(_ path: FilePath) -> FilePath? {
  // Safe: realpath allocates its answer, a C string, and we free it once.
  guard let resolved = unsafe path.withPlatformString({ unsafe realpath($0, nil) }) else {
    return nil
  }
  defer { unsafe free(resolved) }
  return unsafe FilePath(platformString: resolved)
}

private func nameBytes(_ component: FilePath.Component) -> [UInt8] {
  // Safe: the C string lives for the length of the closure.
  unsafe component.withPlatformString { name in
    unsafe Array(UnsafeBufferPointer(start: name, count: strlen(name))).map {
      UInt8(bitPattern: $0)
    }
  }
}

/// A name as text; bytes that are no UTF-8 become `\xHH`, so that different names stay different.
func readableName(_ path: FilePath) -> String {
  // Safe: the C string lives for the length of the closure.
  let bytes = unsafe path.withPlatformString { name in
    unsafe Array(UnsafeBufferPointer(start: name, count: strlen(name))).map {
      UInt8(bitPattern: $0)
    }
  }
  return readableName(bytes)
}

/// As above, for the bytes of a name inside an archive.
func readableName(_ bytes: [UInt8]) -> String {
  if let text = String(validating: bytes, as: UTF8.self) { return text }
  return bytes.map { byte in
    byte < 0x80
      ? String(UnicodeScalar(byte)) : "\\x" + hexadecimal(CollectionOfOne(byte))
  }.joined()
}
