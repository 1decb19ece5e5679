import CRdKafka
import Synchronization

/// Routes logs, statistics, errors, rebalances and delivery reports to the `CallbackState` of the client.
///
/// All but the log run on the thread that polls, flushes or closes.
func installCallbacks(on conf: OpaquePointer, type: rd_kafka_type_t) {
  rd_kafka_conf_set_log_cb(conf) { client, level, facility, text in
    guard let handler = CallbackState.of(rd_kafka_opaque(client))?.logHandler, let facility, let text else { return }
    handler(level, String(cString: facility), String(cString: text))
  }
  rd_kafka_conf_set_stats_cb(conf) { _, json, size, opaque in
    if let state = CallbackState.of(opaque), let json {
      let text = String(decoding: UnsafeRawBufferPointer(start: json, count: size), as: UTF8.self)
      state.statistics.withLock { $0 = text }
    }
    return 0  // the library frees the text
  }
  rd_kafka_conf_set_error_cb(conf) { client, code, reason, opaque in
    noteError(client, rd_kafka_resp_err_t(code), reason, CallbackState.of(opaque))
  }
  if type == RD_KAFKA_CONSUMER {
    rd_kafka_conf_set_rebalance_cb(conf) { client, code, partitions, opaque in
      noteRebalance(client, code, partitions, CallbackState.of(opaque))
    }
  } else {
    rd_kafka_conf_set_dr_msg_cb(conf) { _, message, opaque in
      guard let message else { return }
      CallbackState.of(opaque)?.deliveries.note(message)
    }
  }
}

private func noteError(
  _ client: OpaquePointer?, _ code: rd_kafka_resp_err_t, _ reason: UnsafePointer<CChar>?, _ state: CallbackState?
) {
  let reason = reason.map { String(cString: $0) }
  if code == RD_KAFKA_RESP_ERR__FATAL {
    // The reason of the callback wraps the true code, which only this call gives.
    var text = [CChar](repeating: 0, count: 512)
    let cause = rd_kafka_fatal_error(client, &text, text.count)
    state?.note(.fatal(KafkaError(cause, line(text), isFatal: true)))
  } else {
    state?.note(.error(KafkaError(code, reason)))
  }
  // A consumer's poll returns at once to hand the notice out; a producer's flush would end too early.
  if rd_kafka_type(client) == RD_KAFKA_CONSUMER { rd_kafka_yield(client) }
}

/// Records a rebalance for `poll` to hand out; while closing, answers it here, since nobody polls any more.
private func noteRebalance(
  _ client: OpaquePointer?, _ code: rd_kafka_resp_err_t,
  _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?, _ state: CallbackState?
) {
  guard let state, !state.isClosing.load(ordering: .acquiring) else {
    rd_kafka_assign(client, nil)
    return
  }
  switch code {
  case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
    state.owesAnswer.store(true, ordering: .releasing)
    state.note(.assigned(PartitionList.partitions(of: partitions)))
  case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
    state.owesAnswer.store(true, ordering: .releasing)
    state.note(.revoked(PartitionList.partitions(of: partitions)))
  default:
    rd_kafka_assign(client, nil)
    state.note(.error(KafkaError(code, "the group's rebalance failed")))
  }
  rd_kafka_yield(client)
}
