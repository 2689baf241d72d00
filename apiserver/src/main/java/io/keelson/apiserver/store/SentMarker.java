package io.keelson.apiserver.store;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/** Finds out whether a call has left this process: once its message was handed to a connection, it may have. */
final class SentMarker extends ClientStreamTracer.Factory {
    private volatile boolean sent;

    boolean sent() {
        return sent;
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
        return new ClientStreamTracer() {
            @Override
            public void outboundMessage(int sequence) {
                sent = true;
            }
        };
    }
}
