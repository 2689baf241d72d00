package io.keelson.kvstore.cli;

import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import io.keelson.kvstore.api.LeaseLeasesRequest;
import io.keelson.kvstore.api.LeaseLeasesResponse;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.api.LeaseRevokeResponse;
import io.keelson.kvstore.api.LeaseTimeToLiveRequest;
import io.keelson.kvstore.api.LeaseTimeToLiveResponse;
import io.keelson.kvstore.client.LeaseKeepAlive;
import io.keelson.kvstore.client.OutcomeUnknownException;
import io.keelson.kvstore.errors.EtcdError;

/** {@code lease …}. */
final class LeaseCommands {
    private LeaseCommands() {}

    static void grant(Invocation call) {
        call.requireWords(1, "lease grant command needs TTL argument");
        long ttl;
        try {
            ttl = GoNumbers.parseInt(call.words().getFirst(), 10);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.badArguments("bad TTL (" + e.getMessage() + ")");
        }
        LeaseGrantResponse response;
        try {
            response = call.write(
                    LeaseGrpc.getLeaseGrantMethod(),
                    LeaseGrantRequest.newBuilder().setTTL(ttl).build());
        } catch (StatusRuntimeException | OutcomeUnknownException e) {
            throw CommandFailure.of(ExitCode.ERROR, "failed to grant lease (" + ErrorText.of(e) + ")");
        }
        call.printer().grant(response);
    }

    static void revoke(Invocation call) {
        call.requireWords(1, "lease revoke command needs 1 argument");
        long lease = lease(call);
        LeaseRevokeResponse response;
        try {
            response = call.write(
                    LeaseGrpc.getLeaseRevokeMethod(),
                    LeaseRevokeRequest.newBuilder().setID(lease).build());
        } catch (StatusRuntimeException | OutcomeUnknownException e) {
            throw CommandFailure.of(ExitCode.ERROR, "failed to revoke lease (" + ErrorText.of(e) + ")");
        }
        call.printer().done("lease " + GoNumbers.leaseHex(lease) + " revoked", response.getHeader(), response);
    }

    static void timeToLive(Invocation call) {
        call.requireWords(1, "lease timetolive command needs lease ID as argument");
        long lease = lease(call);
        boolean keys = call.arguments().bool("keys");
        LeaseTimeToLiveResponse response;
        try {
            response = call.read(
                    LeaseGrpc.getLeaseTimeToLiveMethod(),
                    LeaseTimeToLiveRequest.newBuilder()
                            .setID(lease)
                            .setKeys(keys)
                            .build());
        } catch (StatusRuntimeException e) {
            throw CommandFailure.of(ExitCode.BAD_CONNECTION, e);
        }
        call.printer().timeToLive(response, keys);
    }

    static void list(Invocation call) {
        LeaseLeasesResponse response;
        try {
            response = call.read(LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            throw CommandFailure.of(ExitCode.BAD_CONNECTION, e);
        }
        call.printer().leases(response);
    }

    static void keepAlive(Invocation call) throws InterruptedException {
        call.requireWords(1, "lease keep-alive command needs lease ID as argument");
        long lease = lease(call);
        LeaseKeepAlive keepAlive = new LeaseKeepAlive(call.client(), lease);
        Printer printer = call.printer();
        if (call.arguments().bool("once")) {
            LeaseKeepAliveResponse response;
            try {
                response = keepAlive.once(call.deadline());
            } catch (StatusRuntimeException e) {
                throw CommandFailure.of(ExitCode.BAD_CONNECTION, e);
            }
            if (response.getTTL() <= 0) {
                throw CommandFailure.of(ExitCode.BAD_CONNECTION, EtcdError.LEASE_NOT_FOUND.text());
            }
            printer.keepAlive(response);
            return;
        }
        keepAlive.untilGone(response -> {
            printer.keepAlive(response);
            call.console().flush();
        });
        if (printer instanceof SimplePrinter) {
            call.console().println("lease " + GoNumbers.leaseHex(lease) + " expired or revoked.");
        }
    }

    private static long lease(Invocation call) {
        try {
            return GoNumbers.parseInt(call.words().getFirst(), 16);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.badArguments("bad lease ID arg (" + e.getMessage() + "), expecting ID in Hex");
        }
    }
}
