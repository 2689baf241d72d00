package io.keelson.kvstore.server;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.errors.EtcdError;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What holds for every call of etcd's services: a client that asks for a leader ({@code hasleader: true}) gets none of a
 * member without one, and a learner serves only what needs no vote. Which reads a learner serves is seen to by the KV
 * service, since it depends on the request.
 */
final class CallRules implements ServerInterceptor {
    private static final Metadata.Key<String> REQUIRE_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);
    private static final Set<String> ETCD_PACKAGES = Set.of("etcdserverpb.", "v3electionpb.", "v3lockpb.");
    private static final Set<String> SERVED_BY_LEARNERS = Set.of(
            KVGrpc.getRangeMethod().getFullMethodName(),
            KVGrpc.getRangeStreamMethod().getFullMethodName(),
            MaintenanceGrpc.getStatusMethod().getFullMethodName(),
            MaintenanceGrpc.getSnapshotMethod().getFullMethodName());

    private final BooleanSupplier hasLeader;
    private final BooleanSupplier learner;

    CallRules(BooleanSupplier hasLeader, BooleanSupplier learner) {
        this.hasLeader = hasLeader;
        this.learner = learner;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (learner.getAsBoolean()
                && !servedByLearners(call.getMethodDescriptor().getFullMethodName())) {
            return refuse(call, EtcdError.NOT_SUPPORTED_FOR_LEARNER);
        }
        if (requireLeader(headers) && !hasLeader.getAsBoolean()) {
            return refuse(call, EtcdError.NO_LEADER);
        }
        return next.startCall(call, headers);
    }

    /** Whether a client wants to be served only as long as there is a leader. */
    static boolean requireLeader(Metadata headers) {
        return "true".equals(headers.get(REQUIRE_LEADER));
    }

    private static boolean servedByLearners(String method) {
        if (SERVED_BY_LEARNERS.contains(method)) {
            return true;
        }
        return ETCD_PACKAGES.stream().noneMatch(method::startsWith);
    }

    private static <Q, R> ServerCall.Listener<Q> refuse(ServerCall<Q, R> call, EtcdError error) {
        call.close(error.status(), new Metadata());
        return new ServerCall.Listener<>() {};
    }
}
