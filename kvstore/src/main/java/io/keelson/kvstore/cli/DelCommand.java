package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.DeleteRangeResponse;
import io.keelson.kvstore.api.KVGrpc;
import java.util.List;

/** {@code del}. */
final class DelCommand {
    private static final long WARNING_MS = 2000;

    private DelCommand() {}

    static void run(Invocation call) {
        DeleteRangeRequest request = request(call.arguments(), call.console());
        DeleteRangeResponse response = call.write(KVGrpc.getDeleteRangeMethod(), request);
        call.printer().delete(response);
    }

    static DeleteRangeRequest request(Arguments arguments, Console console) {
        List<String> words = arguments.words();
        if (words.isEmpty() || words.size() > 2) {
            throw CommandFailure.badArguments(
                    "del command needs one argument as key and an optional argument as range_end");
        }
        boolean prefix = arguments.bool("prefix");
        boolean fromKey = arguments.bool("from-key");
        if (prefix && fromKey) {
            throw CommandFailure.badArguments("`--prefix` and `--from-key` cannot be set at the same time, choose one");
        }
        DeleteRangeRequest.Builder request = DeleteRangeRequest.newBuilder().setPrevKv(arguments.bool("prev-kv"));
        String key = words.getFirst();
        if (words.size() > 1) {
            if (prefix || fromKey) {
                throw CommandFailure.badArguments(
                        "too many arguments, only accept one argument when `--prefix` or `--from-key` is set");
            }
            request.setRangeEnd(ByteText.bytes(words.get(1)));
            if (!arguments.bool("range")) {
                warn(console, key, words.get(1));
            }
        } else if (prefix || fromKey) {
            if (key.isEmpty()) {
                key = KeyRanges.FIRST;
                request.setRangeEnd(ByteText.bytes(KeyRanges.OPEN));
            } else {
                request.setRangeEnd(ByteText.bytes(prefix ? KeyRanges.prefixEnd(key) : KeyRanges.OPEN));
            }
        }
        return request.setKey(ByteText.bytes(key)).build();
    }

    /** Gives the user two seconds: a range was deleted by accident too often. */
    private static void warn(Console console, String key, String rangeEnd) {
        console.errorln("Warning: Keys between " + GoQuote.quote(key) + " and " + GoQuote.quote(rangeEnd)
                + " will be deleted. Please interrupt the command within next 2 seconds to cancel. You can provide"
                + " `--range` flag to avoid the delay.");
        try {
            Thread.sleep(WARNING_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandFailure.of(ExitCode.ERROR, "context canceled");
        }
    }
}
