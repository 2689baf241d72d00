package io.keelson.kvstore.cli;

import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.DefragmentRequest;
import io.keelson.kvstore.api.DowngradeRequest;
import io.keelson.kvstore.api.DowngradeResponse;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.MoveLeaderRequest;
import io.keelson.kvstore.api.MoveLeaderResponse;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.api.StatusResponse;
import io.keelson.kvstore.client.KvClient;
import java.time.Duration;
import java.util.List;

/** {@code defrag}, {@code move-leader} and {@code downgrade …}. */
final class MaintenanceCommands {
    private MaintenanceCommands() {}

    static void defrag(Invocation call) {
        boolean failed = false;
        KvClient client = call.client();
        for (String endpoint : EndpointCommands.endpoints(call)) {
            String name = ByteText.ofText(endpoint);
            long startNs = System.nanoTime();
            try {
                var _ = client.callAt(
                        endpoint,
                        MaintenanceGrpc.getDefragmentMethod(),
                        DefragmentRequest.getDefaultInstance(),
                        call.deadline());
                Duration took = Duration.ofNanos(System.nanoTime() - startNs);
                call.console()
                        .println("Finished defragmenting etcd member[" + name + "]. took " + GoDuration.format(took));
            } catch (StatusRuntimeException e) {
                failed = true;
                Duration took = Duration.ofNanos(System.nanoTime() - startNs);
                call.console()
                        .errorln("Failed to defragment etcd member[" + name + "]. took " + GoDuration.format(took)
                                + ". (" + ErrorText.of(e) + ")");
            }
        }
        if (failed) {
            throw CommandFailure.silent(ExitCode.ERROR);
        }
    }

    static void moveLeader(Invocation call) {
        call.requireWords(1, "move-leader command needs 1 argument");
        long target;
        try {
            target = GoNumbers.parseUint(call.words().getFirst(), 16);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.badArguments(ErrorText.of(e));
        }
        KvClient client = call.client();
        List<String> endpoints = call.config().endpoints();
        for (String endpoint : endpoints) {
            StatusResponse status = client.callAt(
                    endpoint, MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance(), call.deadline());
            if (status.getHeader().getMemberId() == status.getLeader()) {
                MoveLeaderResponse response = client.callAt(
                        endpoint,
                        MaintenanceGrpc.getMoveLeaderMethod(),
                        MoveLeaderRequest.newBuilder().setTargetID(target).build(),
                        call.deadline());
                call.printer().moveLeader(status.getLeader(), target, response);
                return;
            }
        }
        throw CommandFailure.badArguments(
                "no leader endpoint given at [" + ByteText.ofText(String.join(" ", endpoints)) + "]");
    }

    static void downgradeValidate(Invocation call) {
        downgrade(call, "validate", DowngradeRequest.DowngradeAction.VALIDATE, target(call));
    }

    static void downgradeEnable(Invocation call) {
        downgrade(call, "enable", DowngradeRequest.DowngradeAction.ENABLE, target(call));
    }

    static void downgradeCancel(Invocation call) {
        downgrade(call, "cancel", DowngradeRequest.DowngradeAction.CANCEL, "");
    }

    private static String target(Invocation call) {
        List<String> words = call.words();
        if (words.isEmpty()) {
            throw CommandFailure.badArguments("TARGET_VERSION not provided");
        }
        if (words.size() > 1) {
            throw CommandFailure.badArguments("too many arguments");
        }
        if (words.getFirst().isEmpty()) {
            throw CommandFailure.badArguments("target version not provided");
        }
        return words.getFirst();
    }

    private static void downgrade(
            Invocation call, String name, DowngradeRequest.DowngradeAction action, String version) {
        DowngradeResponse response = call.write(
                MaintenanceGrpc.getDowngradeMethod(),
                DowngradeRequest.newBuilder()
                        .setAction(action)
                        .setVersion(ByteText.toText(version))
                        .build());
        call.printer().downgrade(name, response);
    }
}
