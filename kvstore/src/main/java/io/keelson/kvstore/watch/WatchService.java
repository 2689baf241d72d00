package io.keelson.kvstore.watch;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import java.io.InputStream;
import java.util.function.BooleanSupplier;

/**
 * {@code etcdserverpb.Watch} over gRPC. Requests are read by the generated parser; responses are bytes that the
 * dispatcher has already encoded and that go straight into the transport's buffers. One request of a stream is asked for
 * at a time, and the next one only when the transport has room for its answer, so a client that asks and does not read
 * fills nothing but its own connection.
 */
public final class WatchService implements BindableService {
    private static final Metadata.Key<String> REQUIRE_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    /** Says what the client behind a call may watch. */
    @FunctionalInterface
    public interface Authorizers {
        /**
         * Called once for each stream, in the call's context and before any request is read.
         *
         * @throws EtcdException if the call is to end at once
         */
        WatchAuthorizer authorizer(ServerCall<?, ?> call, Metadata headers);
    }

    private final WatchHub hub;
    private final Authorizers authorizers;
    private final BooleanSupplier hasLeader;

    /**
     * The service.
     *
     * @param hub where watches live
     * @param authorizers who may watch what
     * @param hasLeader whether this member knows a leader now; streams that require one are refused otherwise
     */
    public WatchService(WatchHub hub, Authorizers authorizers, BooleanSupplier hasLeader) {
        this.hub = hub;
        this.authorizers = authorizers;
        this.hasLeader = hasLeader;
    }

    @Override
    public ServerServiceDefinition bindService() {
        MethodDescriptor<WatchRequest, WatchResponse> generated = WatchGrpc.getWatchMethod();
        MethodDescriptor<WatchRequest, WatchMessage> method = MethodDescriptor.<WatchRequest, WatchMessage>newBuilder()
                .setType(generated.getType())
                .setFullMethodName(generated.getFullMethodName())
                .setRequestMarshaller(generated.getRequestMarshaller())
                .setResponseMarshaller(new EncodedMarshaller())
                .setSchemaDescriptor(generated.getSchemaDescriptor())
                .build();
        ServiceDescriptor service = ServiceDescriptor.newBuilder(WatchGrpc.SERVICE_NAME)
                .setSchemaDescriptor(WatchGrpc.getServiceDescriptor().getSchemaDescriptor())
                .addMethod(method)
                .build();
        return ServerServiceDefinition.builder(service)
                .addMethod(method, this::start)
                .build();
    }

    private ServerCall.Listener<WatchRequest> start(ServerCall<WatchRequest, WatchMessage> call, Metadata headers) {
        boolean requireLeader = "true".equals(headers.get(REQUIRE_LEADER));
        WatchStream stream;
        try {
            if (requireLeader && !hasLeader.getAsBoolean()) {
                throw EtcdError.NO_LEADER.exception();
            }
            WatchAuthorizer authorizer = authorizers.authorizer(call, headers);
            call.sendHeaders(new Metadata());
            stream = hub.open(new CallReceiver(call), authorizer, requireLeader);
        } catch (EtcdException e) {
            call.close(e.error().status(), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        call.request(1);
        return new CallListener(stream);
    }

    /** The client's side of a call. */
    private static final class CallListener extends ServerCall.Listener<WatchRequest> {
        private final WatchStream stream;

        CallListener(WatchStream stream) {
            this.stream = stream;
        }

        @Override
        public void onMessage(WatchRequest request) {
            stream.handle(request);
        }

        /** A client that will ask for nothing more still gets its events, until it cancels. */
        @Override
        public void onHalfClose() {}

        @Override
        public void onReady() {
            stream.ready();
        }

        @Override
        public void onCancel() {
            stream.close();
        }

        @Override
        public void onComplete() {
            stream.close();
        }
    }

    /** The dispatcher's side of a call. */
    private static final class CallReceiver implements WatchReceiver {
        private final ServerCall<WatchRequest, WatchMessage> call;

        CallReceiver(ServerCall<WatchRequest, WatchMessage> call) {
            this.call = call;
        }

        @Override
        public boolean ready() {
            return call.isReady();
        }

        @Override
        public void send(WatchMessage message) {
            call.sendMessage(message);
        }

        @Override
        public void next() {
            call.request(1);
        }

        @Override
        public void closed(EtcdError reason) {
            call.close(reason.status(), new Metadata());
        }
    }

    private static final class EncodedMarshaller implements MethodDescriptor.Marshaller<WatchMessage> {
        @Override
        public InputStream stream(WatchMessage message) {
            return new EncodedStream(message);
        }

        @Override
        public WatchMessage parse(InputStream stream) {
            throw new UnsupportedOperationException("a server does not read watch responses");
        }
    }
}
