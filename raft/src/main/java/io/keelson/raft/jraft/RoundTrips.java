package io.keelson.raft.jraft;

import com.google.protobuf.ByteString;
import io.keelson.raft.RaftObserver;
import io.keelson.raft.transport.PeerReply;
import io.keelson.raft.transport.PeerRequest;
import io.keelson.raft.transport.PeerTransport;
import io.keelson.raft.transport.PeerTransport.Access;

/**
 * Asks other members an empty question now and then, to know how long a message and its answer are under way. It goes
 * over the same stream as everything else, so what waits there is part of the time.
 */
final class RoundTrips {
    private static final String METHOD = "round-trip";
    private static final int TIMEOUT_MS = 5_000;

    private final PeerTransport transport;

    RoundTrips(PeerTransport transport) {
        this.transport = transport;
    }

    void register() {
        transport.serve(METHOD, Access.MEMBERS, RoundTrips::echo);
    }

    private static void echo(PeerRequest request) {
        request.respond(ByteString.EMPTY);
    }

    void measure(long memberId) {
        transport.call(
                memberId,
                METHOD,
                ByteString.EMPTY,
                TIMEOUT_MS,
                new Measured(memberId, System.nanoTime(), transport.observer()));
    }

    private record Measured(long memberId, long askedNs, RaftObserver observer) implements PeerReply {
        @Override
        public void answered(ByteString payload) {
            observer.roundTrip(memberId, System.nanoTime() - askedNs);
        }

        @Override
        public void failed(Failure failure, String message) {
            // Counted by the transport; there is no time to tell.
        }
    }
}
