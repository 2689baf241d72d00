package io.keelson.kvstore.cli;

import io.keelson.kvstore.bolt.EtcdBackend;
import io.keelson.kvstore.bolt.EtcdStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code snapshot status}: checks every page of a snapshot file, and sums it up. */
final class SnapshotStatusCommand {
    private SnapshotStatusCommand() {}

    static void run(Invocation call) {
        call.requireWords(1, "snapshot status requires exactly one argument");
        String name = call.words().getFirst();
        Path file = Path.of(ByteText.toText(name));
        Printer printer = Printer.of(call.arguments(), call.console());
        if (!Files.exists(file)) {
            throw CommandFailure.of(ExitCode.ERROR, "stat " + name + ": no such file or directory");
        }
        EtcdStatus status;
        Progress progress = new Progress(call.console(), "checking " + name);
        try (EtcdBackend backend = EtcdBackend.open(file)) {
            long pages = backend.file().sizeBytes() / backend.file().pageSize();
            status = backend.status(seen -> progress.count(seen, pages));
        } catch (IOException e) {
            throw CommandFailure.of(ExitCode.ERROR, e);
        }
        progress.end();
        printer.databaseStatus(status);
    }
}
