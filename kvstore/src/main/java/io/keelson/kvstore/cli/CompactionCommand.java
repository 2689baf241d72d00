package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.KVGrpc;

/** {@code compaction}. */
final class CompactionCommand {
    private CompactionCommand() {}

    static void run(Invocation call) {
        call.requireWords(1, "compaction command needs 1 argument");
        long revision;
        try {
            revision = GoNumbers.parseInt(call.words().getFirst(), 10);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.of(ExitCode.ERROR, e);
        }
        CompactionRequest request = CompactionRequest.newBuilder()
                .setRevision(revision)
                .setPhysical(call.arguments().bool("physical"))
                .build();
        var _ = call.write(KVGrpc.getCompactMethod(), request);
        call.console().println("compacted revision " + revision);
    }
}
