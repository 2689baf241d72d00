package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.client.KvClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** {@code lock}: holds a named lock until a program ends, or until it is interrupted. */
final class LockCommand {
    private LockCommand() {}

    static void run(Invocation call) throws InterruptedException {
        List<String> words = call.words();
        if (words.isEmpty()) {
            throw CommandFailure.badArguments("lock takes a lock name argument and an optional command to execute");
        }
        KvClient client = call.client();
        try (LeaseSession session = LeaseSession.open(client, call.arguments().int64("ttl"), call.deadline())) {
            hold(call, client, session);
        }
    }

    private static void hold(Invocation call, KvClient client, LeaseSession session) throws InterruptedException {
        List<String> words = call.words();
        QueueKey place = new QueueKey(client, words.getFirst(), session.lease());
        Held held = new Held(call.console().termination(), session);
        long revision = held.enter(place, "");
        List<String> program = words.subList(1, words.size());
        if (!program.isEmpty()) {
            runProgram(call.console(), place, revision, program);
            return;
        }
        RangeResponse own = place.read();
        if (own.getKvsCount() == 0) {
            throw CommandFailure.of(ExitCode.ERROR, "lock lost on init");
        }
        call.printer().get(own);
        call.console().flush();
        if (!held.awaitEnd()) {
            throw CommandFailure.of(ExitCode.ERROR, "session expired");
        }
        place.leave();
    }

    private static void runProgram(Console console, QueueKey place, long revision, List<String> program)
            throws InterruptedException {
        Map<String, String> more = Map.of(
                "ETCD_LOCK_KEY", ByteText.toText(ByteText.of(place.key())), "ETCD_LOCK_REV", String.valueOf(revision));
        int exitCode;
        try {
            exitCode = console.run(program, more);
        } catch (IOException e) {
            throw CommandFailure.of(ExitCode.ERROR, e);
        } finally {
            place.leave();
        }
        if (exitCode != 0) {
            throw CommandFailure.of(exitCode, "exit status " + exitCode);
        }
    }
}
