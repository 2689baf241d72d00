package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code txn}: three paragraphs from standard input, each ended by an empty line: comparisons, requests when all of
 * them hold, requests otherwise.
 */
final class TxnCommand {
    private final Invocation call;
    private final Console console;

    TxnCommand(Invocation call) {
        this.call = call;
        this.console = call.console();
    }

    void run() {
        call.requireWords(0, "txn command does not accept argument");
        call.client();
        TxnRequest.Builder request = TxnRequest.newBuilder();
        prompt("compares:");
        for (String line : paragraph()) {
            request.addCompare(TxnCompare.parse(line));
        }
        prompt("success requests (get, put, del):");
        for (String line : paragraph()) {
            request.addSuccess(operation(line));
        }
        prompt("failure requests (get, put, del):");
        for (String line : paragraph()) {
            request.addFailure(operation(line));
        }
        TxnRequest whole = request.build();
        boolean onlyReads = onlyReads(whole.getSuccessList()) && onlyReads(whole.getFailureList());
        TxnResponse response =
                onlyReads ? call.read(KVGrpc.getTxnMethod(), whole) : call.write(KVGrpc.getTxnMethod(), whole);
        call.printer().txn(response);
    }

    private static boolean onlyReads(List<RequestOp> operations) {
        return operations.stream().allMatch(RequestOp::hasRequestRange);
    }

    private void prompt(String text) {
        if (call.arguments().bool("interactive")) {
            console.println(text);
            console.flush();
        }
    }

    private List<String> paragraph() {
        List<String> lines = new ArrayList<>();
        while (true) {
            String line = console.readLine();
            if (line == null) {
                throw CommandFailure.of(ExitCode.INVALID_INPUT, "EOF");
            }
            String stripped = line.strip();
            if (stripped.isEmpty()) {
                return lines;
            }
            lines.add(stripped);
        }
    }

    private RequestOp operation(String line) {
        List<String> words = ShellWords.split(line);
        if (words.size() < 2) {
            throw CommandFailure.of(ExitCode.INVALID_INPUT, "invalid txn compare request: " + line);
        }
        Command command = switch (words.getFirst()) {
            case "get" -> CommandTree.get();
            case "put" -> CommandTree.put();
            case "del" -> CommandTree.del();
            default -> throw invalid(line);
        };
        Arguments arguments;
        try {
            arguments = Arguments.parse(command.flags(), words.subList(1, words.size()));
        } catch (IllegalArgumentException e) {
            throw invalid(line);
        }
        RequestOp.Builder operation = RequestOp.newBuilder();
        return switch (command.path()) {
            case "get" ->
                operation.setRequestRange(GetCommand.request(arguments)).build();
            case "put" ->
                operation.setRequestPut(PutCommand.request(arguments, null)).build();
            default ->
                operation
                        .setRequestDeleteRange(DelCommand.request(arguments, console))
                        .build();
        };
    }

    private static CommandFailure invalid(String line) {
        return CommandFailure.of(ExitCode.INVALID_INPUT, "invalid txn request: " + line);
    }
}
