import ArgumentParser

@main
struct Command: AsyncParsableCommand {}
