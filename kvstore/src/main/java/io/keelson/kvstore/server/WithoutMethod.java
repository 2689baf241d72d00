package io.keelson.kvstore.server;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Takes a method out of a service: it is answered as a server that does not know it would. */
final class WithoutMethod implements ServerInterceptor {
    private final String fullMethodName;
    private final Status answer;

    WithoutMethod(MethodDescriptor<?, ?> method) {
        fullMethodName = method.getFullMethodName();
        answer = Status.UNIMPLEMENTED.withDescription(
                "unknown method " + method.getBareMethodName() + " for service " + method.getServiceName());
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (!call.getMethodDescriptor().getFullMethodName().equals(fullMethodName)) {
            return next.startCall(call, headers);
        }
        call.close(answer, new Metadata());
        return new ServerCall.Listener<>() {};
    }
}
