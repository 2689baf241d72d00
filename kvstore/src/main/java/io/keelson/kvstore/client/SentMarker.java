package io.keelson.kvstore.client;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/** Remembers whether a request ever reached a socket: only while it did not, a write may go to another endpoint. */
final class SentMarker extends ClientStreamTracer.Factory {
    private volatile boolean sent;

    boolean sent() {
        return sent;
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
        return new ClientStreamTracer() {
            @Override
            public void outboundHeaders() {
                sent = true;
            }

            @Override
            public void outboundMessage(int sequence) {
                sent = true;
            }
        };
    }
}
