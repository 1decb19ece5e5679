import Columnar
import Parquet
import Storage

/// Files of checkpoints: Parquet with one action a row (Delta protocol, "Checkpoint Schema").
enum CheckpointFile {
  /// Takes a file's actions into a snapshot.
  ///
  /// - Returns: false where the file is missing or damaged, so that an older one has to do.
  /// - Throws: ``DeltaError`` when the store fails, or the table uses what is not implemented.
  static func read(
    _ path: String, from store: any FileStore, into snapshot: inout Snapshot
  ) async throws(DeltaError) -> Bool {
    let source: any RandomAccess
    do {
      source = try await store.open(path)
    } catch {
      if error.isRetriable { throw DeltaError(error) }
      return false
    }
    do {
      let file = try await ParquetFile.open(source)
      let names = CheckpointSchema.columns(in: file.metadata.schema)
      guard !names.isEmpty else { return false }
      var options = ReadOptions()
      options.batchRows = batchSize
      options.keepsDictionaries = false
      var decoder = CheckpointDecoder(root: store.root)
      for try await batch in file.batches(columns: try file.metadata.projection(named: names), options: options) {
        guard try decoder.take(batch, into: &snapshot) else { return false }
      }
      return true
    } catch let error as ParquetError {
      if let cause = error.cause, cause.isRetriable { throw DeltaError(cause) }
      return false
    } catch {
      throw error as? DeltaError ?? DeltaError(.storage(.failed), path: path, message: "unexpected failure: \(error)")
    }
  }

  /// Actions as the bytes of a file in one part.
  static func encode(_ actions: [Action]) throws(StorageError) -> [UInt8] {
    do throws(ParquetError) {
      var writer = try ParquetWriter(schema: CheckpointSchema.schema)
      var start = 0
      while start < actions.count {
        let end = min(actions.count, start + batchSize)
        try writer.write(CheckpointEncoder.batch(actions[start..<end]))
        start = end
      }
      _ = try writer.finish()
      return writer.takeOutput()
    } catch {
      throw StorageError(.failed, path: LogFileName.folder, message: "the checkpoint cannot be written: \(error)")
    }
  }

  /// Actions that are turned into columns, or out of them, at once; bounds the memory for that.
  private static let batchSize = 20_000
}
