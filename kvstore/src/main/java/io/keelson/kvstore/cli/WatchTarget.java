package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.WatchCreateRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * What one {@code watch} is about.
 *
 * @param words key and, if given, the end of its range
 * @param program what to run for each event; empty for nothing
 * @param flags its flags
 */
record WatchTarget(List<String> words, List<String> program, Arguments flags) {
    private static final String CONFLICT = "bad number of arguments (found conflicting environment key)";
    private static final String NUMBER = "bad number of arguments";

    /** From the process' arguments; key and range end may also come from the environment. */
    static WatchTarget ofCommandLine(Invocation call) {
        Environment environment = Environment.of(call.console());
        List<String> raw = call.raw();
        List<String> after = raw.subList(indexOfCommand(raw) + 1, raw.size());
        int separator = after.indexOf("--");
        List<String> words = call.words();
        if (separator < 0) {
            if (after.isEmpty() && environment.key().isEmpty()) {
                throw CommandFailure.badArguments(NUMBER);
            }
            if (!words.isEmpty() && !environment.key().isEmpty()) {
                throw CommandFailure.badArguments(CONFLICT);
            }
            return new WatchTarget(environment.before(words), List.of(), call.arguments());
        }
        List<String> program = program(after, separator);
        List<String> own = words.subList(0, words.size() - program.size());
        if (!own.isEmpty() && !environment.key().isEmpty()) {
            throw CommandFailure.badArguments(CONFLICT);
        }
        return new WatchTarget(environment.before(own), program, call.arguments());
    }

    /** Where the word {@code watch} stands, or the beginning of it that was typed. */
    private static int indexOfCommand(List<String> raw) {
        int whole = raw.indexOf("watch");
        int at = whole < 0 ? 0 : whole;
        while (whole < 0 && (raw.get(at).isEmpty() || !"watch".startsWith(raw.get(at)))) {
            at++;
        }
        return at;
    }

    /** From a line of interactive input that starts with {@code watch}. */
    static WatchTarget ofLine(Invocation call, List<String> line) {
        Environment environment = Environment.of(call.console());
        List<String> after = line.subList(1, line.size());
        int separator = after.indexOf("--");
        List<String> program = separator < 0 ? List.of() : program(after, separator);
        Arguments arguments;
        try {
            arguments =
                    Arguments.parse(CommandTree.watch().flags(), separator < 0 ? after : after.subList(0, separator));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.badArguments(ErrorText.of(e));
        }
        List<String> own = arguments.words();
        if (own.isEmpty() && environment.key().isEmpty()) {
            throw CommandFailure.badArguments(NUMBER);
        }
        if (!own.isEmpty() && !environment.key().isEmpty()) {
            throw CommandFailure.badArguments(CONFLICT);
        }
        return new WatchTarget(environment.before(own), program, arguments);
    }

    private static List<String> program(List<String> after, int separator) {
        if (separator == after.size() - 1) {
            throw CommandFailure.badArguments("bad number of arguments (found separator --, but no commands)");
        }
        return after.subList(separator + 1, after.size());
    }

    /** As the server is asked. */
    WatchCreateRequest request() {
        if (words.isEmpty()) {
            throw new IllegalArgumentException(NUMBER);
        }
        boolean prefix = flags.bool("prefix");
        String key = words.getFirst();
        WatchCreateRequest.Builder request = WatchCreateRequest.newBuilder()
                .setStartRevision(flags.int64("rev"))
                .setPrevKv(flags.bool("prev-kv"))
                .setProgressNotify(flags.bool("progress-notify"));
        if (words.size() == 2) {
            if (prefix) {
                throw new IllegalArgumentException("`range_end` and `--prefix` are mutually exclusive");
            }
            request.setRangeEnd(ByteText.bytes(words.get(1)));
        }
        if (prefix) {
            request.setRangeEnd(ByteText.bytes(key.isEmpty() ? KeyRanges.OPEN : KeyRanges.prefixEnd(key)));
            key = key.isEmpty() ? KeyRanges.FIRST : key;
        }
        return request.setKey(ByteText.bytes(key)).build();
    }

    /** Key and range end of {@code ETCDCTL_WATCH_KEY} and {@code ETCDCTL_WATCH_RANGE_END}. */
    record Environment(String key, String rangeEnd) {
        static Environment of(Console console) {
            String key = console.variable("ETCDCTL_WATCH_KEY");
            String rangeEnd = console.variable("ETCDCTL_WATCH_RANGE_END");
            if (key.isEmpty() && !rangeEnd.isEmpty()) {
                throw CommandFailure.badArguments(
                        "ETCDCTL_WATCH_KEY is empty but got ETCDCTL_WATCH_RANGE_END=" + GoQuote.quote(rangeEnd));
            }
            return new Environment(key, rangeEnd);
        }

        List<String> before(List<String> words) {
            if (key.isEmpty()) {
                return List.copyOf(words);
            }
            List<String> all = new ArrayList<>();
            all.add(key);
            if (!rangeEnd.isEmpty()) {
                all.add(rangeEnd);
            }
            all.addAll(words);
            return all;
        }
    }
}
