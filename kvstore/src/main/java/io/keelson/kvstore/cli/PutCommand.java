package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.PutResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code put}. */
final class PutCommand {
    private static final String NEEDS = "put command needs 1 argument and input from stdin or 2 arguments";

    private PutCommand() {}

    static void run(Invocation call) {
        PutRequest request = request(call.arguments(), call.console());
        PutResponse response = call.write(KVGrpc.getPutMethod(), request);
        call.printer().put(response);
    }

    /**
     * Reads a put.
     *
     * @param input where a value that is not among the arguments comes from; null for nowhere
     */
    static PutRequest request(Arguments arguments, @Nullable Console input) {
        List<String> words = arguments.words();
        if (words.isEmpty()) {
            throw CommandFailure.badArguments(NEEDS);
        }
        boolean ignoreValue = arguments.bool("ignore-value");
        if (ignoreValue && words.size() > 1) {
            throw CommandFailure.badArguments("put command needs only 1 argument when 'ignore-value' is set");
        }
        String value = "";
        if (!ignoreValue) {
            value = words.size() > 1 ? words.get(1) : input == null ? "" : input.readAll();
            if (words.size() == 1 && value.isEmpty()) {
                throw CommandFailure.badArguments(NEEDS);
            }
        }
        long lease;
        try {
            lease = GoNumbers.parseInt(arguments.string("lease"), 16);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.badArguments("bad lease ID (" + e.getMessage() + "), expecting ID in Hex");
        }
        return PutRequest.newBuilder()
                .setKey(ByteText.bytes(words.getFirst()))
                .setValue(ByteText.bytes(value))
                .setLease(lease)
                .setPrevKv(arguments.bool("prev-kv"))
                .setIgnoreValue(ignoreValue)
                .setIgnoreLease(arguments.bool("ignore-lease"))
                .build();
    }
}
