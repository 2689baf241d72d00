package io.keelson.kvstore.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ends a call whose request is no message of its type with INTERNAL, as servers in Go do. Left to itself gRPC-Java takes
 * the exception of a marshaller for a fault of the application: it answers UNKNOWN and writes a stack trace to the log, as
 * often as a stranger likes.
 */
final class CheckedRequests {
    private static final int REASON_CHARS_MAX = 160;

    /** Stands in for a request that could not be read. */
    private record Malformed(String reason) {}

    private CheckedRequests() {}

    /** The same service, with requests checked. */
    static ServerServiceDefinition in(ServerServiceDefinition service) {
        List<ServerMethodDefinition<Object, ?>> methods = new ArrayList<>();
        service.getMethods().forEach(method -> methods.add(checked(method)));
        ServiceDescriptor given = service.getServiceDescriptor();
        ServiceDescriptor.Builder descriptor =
                ServiceDescriptor.newBuilder(given.getName()).setSchemaDescriptor(given.getSchemaDescriptor());
        methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder definition = ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(definition::addMethod);
        return definition.build();
    }

    private static <A, B> ServerMethodDefinition<Object, B> checked(ServerMethodDefinition<A, B> method) {
        MethodDescriptor<A, B> given = method.getMethodDescriptor();
        MethodDescriptor<Object, B> descriptor = given.toBuilder(
                        (Marshaller<Object>) new Checking<>(given.getRequestMarshaller()),
                        given.getResponseMarshaller())
                .build();
        boolean oneRequest = given.getType().clientSendsOneMessage();
        return ServerMethodDefinition.create(
                descriptor, (call, headers) -> start(method.getServerCallHandler(), call, headers, oneRequest));
    }

    @SuppressWarnings("unchecked") // what the handler is given are messages of its type, all else is held back here
    private static <A, B> ServerCall.Listener<Object> start(
            ServerCallHandler<A, B> handler, ServerCall<Object, B> call, Metadata headers, boolean oneRequest) {
        // The only request of a call comes before any answer; in a stream answers may be on their way meanwhile.
        ServerCall<Object, B> closable = oneRequest ? call : new OneAtATime<>(call);
        ServerCall.Listener<A> listener = handler.startCall((ServerCall<A, B>) closable, headers);
        return new Held<>((ServerCall.Listener<Object>) listener, closable);
    }

    private record Checking<T>(Marshaller<T> messages) implements Marshaller<Object> {
        @Override
        @SuppressWarnings("unchecked") // a server streams no requests; who calls this has the type
        public InputStream stream(Object value) {
            return messages.stream((T) value);
        }

        @Override
        public Object parse(InputStream stream) {
            try {
                return messages.parse(stream);
            } catch (RuntimeException e) {
                return new Malformed(reason(e));
            }
        }

        private static String reason(RuntimeException failure) {
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            String message = cause.getMessage();
            if (message == null) {
                return "malformed message";
            }
            return message.length() <= REASON_CHARS_MAX ? message : message.substring(0, REASON_CHARS_MAX);
        }
    }

    /** A call that two threads may answer and end. */
    private static final class OneAtATime<B> extends SimpleForwardingServerCall<Object, B> {
        private boolean closed;

        OneAtATime(ServerCall<Object, B> call) {
            super(call);
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            if (!closed) {
                super.sendHeaders(headers);
            }
        }

        @Override
        public synchronized void sendMessage(B message) {
            if (!closed) {
                super.sendMessage(message);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!closed) {
                closed = true;
                super.close(status, trailers);
            }
        }
    }

    /** Once a request was malformed the handler hears that the call is cancelled, and nothing more. */
    private static final class Held<B> extends ServerCall.Listener<Object> {
        private final ServerCall<Object, B> call;
        private ServerCall.@Nullable Listener<Object> handler;

        Held(ServerCall.Listener<Object> handler, ServerCall<Object, B> call) {
            this.handler = handler;
            this.call = call;
        }

        @Override
        public void onMessage(Object message) {
            ServerCall.Listener<Object> listening = handler;
            if (listening == null) {
                return;
            }
            if (message instanceof Malformed(String reason)) {
                handler = null;
                listening.onCancel();
                call.close(
                        Status.INTERNAL.withDescription("grpc: error unmarshalling request: " + reason),
                        new Metadata());
                return;
            }
            listening.onMessage(message);
        }

        @Override
        public void onHalfClose() {
            if (handler != null) {
                handler.onHalfClose();
            }
        }

        @Override
        public void onCancel() {
            if (handler != null) {
                handler.onCancel();
            }
        }

        @Override
        public void onComplete() {
            if (handler != null) {
                handler.onComplete();
            }
        }

        @Override
        public void onReady() {
            if (handler != null) {
                handler.onReady();
            }
        }
    }
}
