import CommandSupport
import Delta
import Query
import Storage

/// Tables by the locations that all commands share.
struct LocationCatalog: TableCatalog {
  let settings: Settings
  let version: TableVersion

  func table(at location: String) async throws -> TableSource {
    let input = try await Location(parsing: location).input(settings, at: version)
    let files = input.files.map { file in
      TableFile(name: file.name, partitions: file.partitionValues.map { ($0.column, $0.text) }) {
        try await file.open()
      }
    }
    return TableSource(files: files, schema: input.schema, partitionColumns: input.partitionColumns)
  }
}
