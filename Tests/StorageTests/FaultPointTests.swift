import Testing

@testable import Storage

@Suite struct FaultPointTests {
  @Test func thePlanIsReadAndWhatIsNoPlanIsLeftOut() {
    #expect(FaultPoint.faults(in: "") == [])
    #expect(
      FaultPoint.faults(in: "a:1,b.c:2:lose,x,y:0,z:1:burn,w:3:stop-lose") == [
        .init(place: "a", left: 1, action: .kill), .init(place: "b.c", left: 2, action: .lose),
        .init(place: "w", left: 3, action: .stopLose),
      ])
  }

  @Test func aFaultHappensOnceAtItsCount() {
    var faults = FaultPoint.faults(in: "a:2:lose,b:1")
    #expect(FaultPoint.count("a", in: &faults) == nil)
    #expect(FaultPoint.count("c", in: &faults) == nil)
    #expect(FaultPoint.count("b", in: &faults) == .kill)
    #expect(FaultPoint.count("a", in: &faults) == .lose)
    #expect(FaultPoint.count("a", in: &faults) == nil)
  }

  @Test(arguments: [
    ("/t/date=2026-01-02/x.parquet", "data"), ("_delta_log/00000000000000000001.json", "log"),
    ("_delta_log/00000000000000000010.checkpoint.parquet", "checkpoint"), ("/t/_delta_log/_last_checkpoint", "pointer"),
    ("/t_dead_letters/_delta_log/00000000000000000001.json", "letters-log"),
    ("/t_dead_letters/x.parquet", "letters-data"),
  ])
  func filesAreToldApart(path: String, kind: String) {
    #expect(FaultPoint.kind(of: path) == kind)
  }

  @Test func nothingHappensWithoutAPlan() {
    #expect(!FaultPoint.isArmed)
    #expect(!FaultPoint.reach("a"))
  }
}
