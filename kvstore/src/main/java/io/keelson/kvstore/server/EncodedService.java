package io.keelson.kvstore.server;

import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCalls;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts a service together whose methods take requests with their bytes and answer with bytes, in place of the generated
 * one and under its names.
 */
final class EncodedService {
    private final ServiceDescriptor generated;
    private final List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();

    EncodedService(ServiceDescriptor generated) {
        this.generated = generated;
    }

    <T extends MessageLite> EncodedService unary(
            MethodDescriptor<T, ?> method, ServerCalls.UnaryMethod<RawRequest<T>, EncodedResponse> handler) {
        methods.add(ServerMethodDefinition.create(encoded(method), ServerCalls.asyncUnaryCall(handler)));
        return this;
    }

    <T extends MessageLite> EncodedService serverStreaming(
            MethodDescriptor<T, ?> method, ServerCalls.ServerStreamingMethod<RawRequest<T>, EncodedResponse> handler) {
        methods.add(ServerMethodDefinition.create(encoded(method), ServerCalls.asyncServerStreamingCall(handler)));
        return this;
    }

    @SuppressWarnings("unchecked") // a method's own marshaller has a prototype of the method's own type
    private static <T extends MessageLite> MethodDescriptor<RawRequest<T>, EncodedResponse> encoded(
            MethodDescriptor<T, ?> method) {
        PrototypeMarshaller<T> marshaller = (PrototypeMarshaller<T>) method.getRequestMarshaller();
        T prototype = marshaller.getMessagePrototype();
        if (prototype == null) {
            throw new IllegalStateException(method.getFullMethodName() + " has no message prototype");
        }
        return MethodDescriptor.<RawRequest<T>, EncodedResponse>newBuilder()
                .setType(method.getType())
                .setFullMethodName(method.getFullMethodName())
                .setRequestMarshaller(RawRequestMarshaller.of(prototype))
                .setResponseMarshaller(EncodedResponseMarshaller.INSTANCE)
                .setSchemaDescriptor(method.getSchemaDescriptor())
                .build();
    }

    ServerServiceDefinition build() {
        ServiceDescriptor.Builder service =
                ServiceDescriptor.newBuilder(generated.getName()).setSchemaDescriptor(generated.getSchemaDescriptor());
        methods.forEach(method -> service.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder definition = ServerServiceDefinition.builder(service.build());
        methods.forEach(definition::addMethod);
        return definition.build();
    }
}
