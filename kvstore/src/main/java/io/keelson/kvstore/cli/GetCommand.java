package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import java.util.List;
import java.util.Locale;

/** {@code get}. */
final class GetCommand {
    private GetCommand() {}

    static void run(Invocation call) {
        Arguments arguments = call.arguments();
        RangeRequest request = request(arguments);
        RangeResponse response = call.read(KVGrpc.getRangeMethod(), request);
        Printer printer = call.printer();
        if (arguments.bool("count-only") && !(printer instanceof FieldsPrinter)) {
            throw CommandFailure.badArguments("--count-only is only for `--write-out=fields`");
        }
        if (arguments.bool("print-value-only")) {
            if (!(printer instanceof SimplePrinter simple)) {
                throw CommandFailure.badArguments("print-value-only is only for `--write-out=simple`");
            }
            simple.valuesOnly();
        }
        printer.get(response);
    }

    static RangeRequest request(Arguments arguments) {
        List<String> words = arguments.words();
        if (words.isEmpty()) {
            throw CommandFailure.badArguments(
                    "get command needs one argument as key and an optional argument as range_end");
        }
        boolean prefix = arguments.bool("prefix");
        boolean fromKey = arguments.bool("from-key");
        boolean keysOnly = arguments.bool("keys-only");
        boolean countOnly = arguments.bool("count-only");
        if (prefix && fromKey) {
            throw CommandFailure.badArguments("`--prefix` and `--from-key` cannot be set at the same time, choose one");
        }
        if (keysOnly && countOnly) {
            throw CommandFailure.badArguments(
                    "`--keys-only` and `--count-only` cannot be set at the same time, choose one");
        }
        RangeRequest.Builder request = RangeRequest.newBuilder()
                .setSerializable(serializable(arguments))
                .setLimit(arguments.int64("limit"))
                .setRevision(Math.max(0, arguments.int64("rev")))
                .setMinCreateRevision(arguments.int64("min-create-rev"))
                .setMaxCreateRevision(arguments.int64("max-create-rev"))
                .setMinModRevision(arguments.int64("min-mod-rev"))
                .setMaxModRevision(arguments.int64("max-mod-rev"))
                .setKeysOnly(keysOnly)
                .setCountOnly(countOnly);
        String key = words.getFirst();
        if (words.size() > 1) {
            if (prefix || fromKey) {
                throw CommandFailure.badArguments(
                        "too many arguments, only accept one argument when `--prefix` or `--from-key` is set");
            }
            request.setRangeEnd(ByteText.bytes(words.get(1)));
        }
        sort(request, arguments.string("sort-by"), arguments.string("order"));
        if (key.isEmpty() && (prefix || fromKey)) {
            key = KeyRanges.FIRST;
            request.setRangeEnd(ByteText.bytes(KeyRanges.OPEN));
        } else if (prefix) {
            request.setRangeEnd(ByteText.bytes(KeyRanges.prefixEnd(key)));
        } else if (fromKey) {
            request.setRangeEnd(ByteText.bytes(KeyRanges.OPEN));
        }
        return request.setKey(ByteText.bytes(key)).build();
    }

    /** Whether the answer may come from one member alone. */
    static boolean serializable(Arguments arguments) {
        String consistency = arguments.string("consistency");
        return switch (consistency) {
            case "s" -> true;
            case "l" -> false;
            default ->
                throw CommandFailure.of(ExitCode.BAD_FEATURE, "unknown consistency flag " + GoQuote.quote(consistency));
        };
    }

    private static void sort(RangeRequest.Builder request, String target, String order) {
        RangeRequest.SortOrder sortOrder = switch (order.toUpperCase(Locale.ROOT)) {
            case "ASCEND" -> RangeRequest.SortOrder.ASCEND;
            case "DESCEND" -> RangeRequest.SortOrder.DESCEND;
            case "" -> RangeRequest.SortOrder.NONE;
            default -> throw CommandFailure.of(ExitCode.BAD_FEATURE, "bad sort order " + order);
        };
        RangeRequest.SortTarget sortTarget = switch (target.toUpperCase(Locale.ROOT)) {
            case "CREATE" -> RangeRequest.SortTarget.CREATE;
            case "KEY", "" -> RangeRequest.SortTarget.KEY;
            case "MODIFY" -> RangeRequest.SortTarget.MOD;
            case "VALUE" -> RangeRequest.SortTarget.VALUE;
            case "VERSION" -> RangeRequest.SortTarget.VERSION;
            default -> throw CommandFailure.of(ExitCode.BAD_FEATURE, "bad sort target " + target);
        };
        if (sortTarget == RangeRequest.SortTarget.KEY && sortOrder == RangeRequest.SortOrder.ASCEND) {
            // Ranges come in the order of their keys anyway; asking for it would make the server read them all first.
            sortOrder = RangeRequest.SortOrder.NONE;
        }
        request.setSortOrder(sortOrder).setSortTarget(sortTarget);
    }
}
