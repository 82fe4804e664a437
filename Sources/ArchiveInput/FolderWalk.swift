internal import IncidentModel
internal import SystemPackage

/// One PATH that the user gave.
struct WalkRoot {
  /// With every link resolved, so that the spelling does not matter.
  var real: String
  /// What its own name is, without folders.
  var base: String
  var status: Stat
  /// The folders that tell it from another PATH, innermost last.
  var folders: [String]

  init(_ path: String) throws(InputError) {
    guard !path.isEmpty else { throw .noSuchPath(path) }
    let spelt = FilePath(path)
    do throws(Errno) {
      status = try spelt.stat()
    } catch .noSuchFileOrDirectory, .notDirectory {
      throw .noSuchPath(path)
    } catch {
      throw .notReachable(path: path, reason: "\(error)")
    }
    let resolved = realPath(spelt) ?? spelt
    real = readableName(resolved)
    let parts = resolved.components.map { readableName(FilePath(root: nil, [$0])) }
    if status.type == .directory {
      folders = parts
      base = ""
    } else {
      folders = parts.dropLast()
      base = spelt.lastComponent.map { readableName(FilePath(root: nil, [$0])) } ?? real
    }
  }
}

/// A walk through folders: each file once, each folder once.
struct FolderWalk {
  struct File {
    var root: Int
    var relative: String
    var path: FilePath
    var size: Int
    var identity: FoundInput.FileIdentity
  }

  struct Complaint {
    var root: Int
    var relative: String
    var problem: InputProblem
  }

  private struct Link {
    var root: Int
    var relative: String
    var path: FilePath
    var depth: Int
    var ancestors: [FoundInput.FileIdentity]
  }

  private let limits: InputLimits
  private(set) var files: [File] = []
  private(set) var problems: [Complaint] = []
  private var links: [Link] = []
  private var readFiles: [FoundInput.FileIdentity: Int] = [:]
  private var readFolders: Set<FoundInput.FileIdentity> = []

  init(limits: InputLimits) { self.limits = limits }

  /// Reads a PATH; one that lies inside another that was read before adds nothing.
  mutating func enter(_ root: WalkRoot, index: Int) throws(InputError) {
    let path = FilePath(root.real)
    let identity = FoundInput.FileIdentity(root.status)
    if readFolders.contains(identity) || readFiles[identity] != nil { return }
    let place = Link(root: index, relative: root.base, path: path, depth: 0, ancestors: [])
    try take(place, root.status, isLink: false)
  }

  /// Follows the links in rounds: what one leads to may hold others.
  mutating func followLinks() throws(InputError) {
    while !links.isEmpty {
      let round = links.sorted { ($0.root, $0.relative) < ($1.root, $1.relative) }
      links = []
      for link in round {
        do throws(Errno) {
          let status = try link.path.stat()
          try follow(link, status)
        } catch .tooManySymbolicLinkLevels {
          complain(link, .linkLoop, "the link leads to itself")
        } catch .noSuchFileOrDirectory {
          complain(link, .unreadable, "the link leads nowhere")
        } catch {
          complain(
            link, .unreadable,
            "the link can't be followed (\(log: .init("\(error)", kind: .message)))")
        }
        if files.count > limits.maxFiles { throw .tooManyFiles(limit: limits.maxFiles) }
      }
    }
  }

  private mutating func follow(_ link: Link, _ status: Stat) throws(Errno) {
    let identity = FoundInput.FileIdentity(status)
    if link.ancestors.contains(identity) {
      complain(link, .linkLoop, "the link leads back to a folder that holds it")
    } else if readFolders.contains(identity) {
      complain(link, .duplicate, "the link leads to a folder that is read under its own name")
    } else {
      // The limit is checked by the caller, which may throw its error.
      try? take(link, status, isLink: true)
    }
  }

  private mutating func take(_ place: Link, _ status: Stat, isLink: Bool) throws(InputError) {
    let identity = FoundInput.FileIdentity(status)
    switch status.type {
    case .regular:
      if let first = readFiles[identity] {
        let other = LogText(files[first].relative, kind: .file)
        complain(place, .duplicate, "it is the same file as \(log: other)")
        return
      }
      readFiles[identity] = files.count
      files.append(
        File(
          root: place.root, relative: place.relative, path: place.path, size: Int(status.size),
          identity: identity))
      if files.count > limits.maxFiles { throw .tooManyFiles(limit: limits.maxFiles) }
    case .directory:
      readFolders.insert(identity)
      try readFolder(place, identity)
    case .symbolicLink:
      links.append(place)
    case .fifo: complain(place, .notRegular, "it is a pipe; only regular files are read")
    case .socket: complain(place, .notRegular, "it is a socket; only regular files are read")
    default: complain(place, .notRegular, "it is a device; only regular files are read")
    }
  }

  private mutating func readFolder(
    _ folder: Link, _ identity: FoundInput.FileIdentity
  ) throws(InputError) {
    guard folder.depth < limits.maxFolderDepth else {
      complain(
        folder, .tooDeep,
        "more than \(count: limits.maxFolderDepth) folders lie inside each other here; it was left out"
      )
      return
    }
    guard let entries = folderEntries(folder.path) else {
      complain(folder, .unreadable, "the folder can't be read")
      return
    }
    if entries.isEmpty { complain(folder, .empty, "the folder is empty") }
    for entry in entries {
      let name = readableName(FilePath(root: nil, [entry]))
      let place = Link(
        root: folder.root,
        relative: folder.relative.isEmpty ? name : "\(folder.relative)/\(name)",
        path: folder.path.appending(entry), depth: folder.depth + 1,
        ancestors: folder.ancestors + [identity])
      do throws(Errno) {
        let status = try place.path.stat(followTargetSymlink: false)
        if status.type == .directory, readFolders.contains(.init(status)) { continue }
        try? take(place, status, isLink: false)
      } catch {
        complain(place, .changedWhileRead, "it vanished while its folder was read")
      }
      if files.count > limits.maxFiles { throw .tooManyFiles(limit: limits.maxFiles) }
    }
  }

  private mutating func complain(_ place: Link, _ kind: InputProblem.Kind, _ detail: Sentence) {
    problems.append(
      Complaint(
        root: place.root, relative: place.relative,
        problem: InputProblem(kind: kind, detail: detail)))
  }
}
