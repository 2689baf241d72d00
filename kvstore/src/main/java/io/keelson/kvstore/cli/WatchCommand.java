package io.keelson.kvstore.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.client.KvClient;
import io.keelson.kvstore.client.Watcher;
import io.keelson.kvstore.errors.EtcdError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** {@code watch}: until it is interrupted or the server ends it; with {@code -i} as many as are typed. */
final class WatchCommand {
    /** Lines read but not yet obeyed; a reader that is further ahead waits. */
    private static final int LINES_AHEAD = 16;

    private final Invocation call;
    private final Console console;

    WatchCommand(Invocation call) {
        this.call = call;
        this.console = call.console();
    }

    void run() throws InterruptedException {
        if (call.arguments().bool("interactive")) {
            interactive();
            return;
        }
        WatchTarget target = WatchTarget.ofCommandLine(call);
        KvClient client = call.client();
        long dialTimeoutNs = call.config().dialTimeout().toNanos();
        if (!client.awaitConnection(dialTimeoutNs)) {
            throw CommandFailure.of(ExitCode.BAD_CONNECTION, "context deadline exceeded");
        }
        WatchCreateRequest request;
        try {
            request = target.request();
        } catch (IllegalArgumentException e) {
            throw CommandFailure.badArguments(ErrorText.of(e));
        }
        try (Watcher watcher = Watcher.open(client, request)) {
            print(watcher, target.program());
        }
        throw CommandFailure.of(ExitCode.INTERRUPTED, "watch is canceled by the server");
    }

    /** Obeys typed lines; watches run beside, and one that fails ends the command even while nothing is typed. */
    private void interactive() throws InterruptedException {
        WatchTarget.Environment environment = WatchTarget.Environment.of(console);
        KvClient client = call.client();
        BlockingQueue<Next> happened = new LinkedBlockingQueue<>(LINES_AHEAD);
        Thread reader = Thread.ofPlatform().daemon().start(() -> readLines(happened));
        List<Watcher> watchers = new ArrayList<>();
        try {
            while (true) {
                Next next = happened.take();
                if (next.failure() != null) {
                    throw next.failure();
                }
                if (next.line() == null) {
                    throw CommandFailure.of(ExitCode.INVALID_INPUT, "error reading watch request line: EOF");
                }
                obey(next.line(), client, environment, watchers, happened);
            }
        } finally {
            reader.interrupt();
            watchers.forEach(Watcher::close);
        }
    }

    /** What happened next: a line was typed, input ended (no line), or a watch failed. */
    private record Next(@Nullable String line, @Nullable CommandFailure failure) {}

    private void readLines(BlockingQueue<Next> happened) {
        try {
            while (true) {
                String line = console.readLine();
                happened.put(new Next(line, null));
                if (line == null) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void obey(
            String line,
            KvClient client,
            WatchTarget.Environment environment,
            List<Watcher> watchers,
            BlockingQueue<Next> happened) {
        List<String> words = ShellWords.split(line);
        if (words.isEmpty()) {
            console.errorln("Invalid command: " + line + " (watch and progress supported)");
        } else if (words.getFirst().equals("progress")) {
            watchers.forEach(Watcher::requestProgress);
        } else if (!words.getFirst().equals("watch")) {
            console.errorln("Invalid command " + line + " (only support watch)");
        } else if (words.size() < 2 && environment.key().isEmpty()) {
            console.errorln("Invalid command " + line + " (command type or key is not provided)");
        } else {
            WatchTarget target = WatchTarget.ofLine(call, words);
            try {
                Watcher watcher = Watcher.open(client, target.request()).connect();
                watchers.add(watcher);
                Thread.ofVirtual().start(() -> inBackground(watcher, target.program(), happened));
            } catch (IllegalArgumentException e) {
                console.errorln("Invalid command " + line + " (" + ErrorText.of(e) + ")");
            }
        }
    }

    private void inBackground(Watcher watcher, List<String> program, BlockingQueue<Next> happened) {
        try {
            try {
                print(watcher, program);
            } catch (CommandFailure e) {
                happened.put(new Next(null, e));
            } catch (StatusRuntimeException e) {
                // Only a closed watcher ends so: the command is ending.
                watcher.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void print(Watcher watcher, List<String> program) throws InterruptedException {
        while (true) {
            WatchResponse response;
            try {
                response = watcher.next();
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() == Status.Code.CANCELLED) {
                    throw e;
                }
                console.errorln("watch was canceled (" + ErrorText.of(e) + ")");
                return;
            }
            if (response.getCanceled()) {
                console.errorln("watch was canceled (" + reason(response) + ")");
            } else if (response.getEventsCount() == 0 && response.getHeader().getRevision() != 0) {
                console.println("progress notify: " + response.getHeader().getRevision());
            }
            call.printer().watch(response);
            console.flush();
            if (!program.isEmpty()) {
                for (Event event : response.getEventsList()) {
                    runProgram(program, response.getHeader().getRevision(), event);
                }
            }
            if (response.getCanceled()) {
                return;
            }
        }
    }

    private static String reason(WatchResponse response) {
        if (response.getCompactRevision() != 0) {
            return EtcdError.COMPACTED.text();
        }
        if (response.getCancelReason().isEmpty()) {
            return EtcdError.FUTURE_REV.text();
        }
        return ErrorText.of(Status.FAILED_PRECONDITION.withDescription(response.getCancelReason()));
    }

    private void runProgram(List<String> program, long revision, Event event) throws InterruptedException {
        Map<String, String> more = Map.of(
                "ETCD_WATCH_REVISION",
                String.valueOf(revision),
                "ETCD_WATCH_EVENT_TYPE",
                GoQuote.quote(event.getType().name()),
                "ETCD_WATCH_KEY",
                ByteText.toText(GoQuote.quote(ByteText.of(event.getKv().getKey()))),
                "ETCD_WATCH_VALUE",
                ByteText.toText(GoQuote.quote(ByteText.of(event.getKv().getValue()))));
        String failure;
        try {
            int exitCode = console.run(program, more);
            if (exitCode == 0) {
                return;
            }
            failure = "exit status " + exitCode;
        } catch (IOException e) {
            failure = ErrorText.of(e);
        }
        List<String> quoted = program.stream().map(GoQuote::quote).toList();
        console.errorln("command [" + String.join(" ", quoted) + "] error (" + failure + ")");
        throw CommandFailure.silent(ExitCode.ERROR);
    }
}
