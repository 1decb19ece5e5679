/// The version of the product, which every command prints for `--version`.
public enum ProductVersion {
  /// The version, by semantic versioning.
  public static let current = "0.1.0"
}
