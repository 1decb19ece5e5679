internal import HTTPTypes

/// The files that pages need beside themselves: built into the program.
enum Asset {
  static func answer(_ name: String) -> Answer {
    guard let (type, bytes) = file(name) else { return .notFound }
    return Answer(contentType: type, headers: [(.cacheControl, "no-cache")], body: bytes)
  }

  private static func file(_ name: String) -> (type: String, bytes: [UInt8])? {
    let script = "text/javascript; charset=utf-8"
    return switch name {
    case "dashboard.css": ("text/css; charset=utf-8", PackageResources.dashboard_css)
    case "ward.js": (script, PackageResources.ward_js)
    case "live.js": (script, PackageResources.live_js)
    case "risk.js": (script, PackageResources.risk_js)
    case "stream.js": (script, PackageResources.stream_js)
    case "icon.svg": ("image/svg+xml", PackageResources.icon_svg)
    default: nil
    }
  }
}
