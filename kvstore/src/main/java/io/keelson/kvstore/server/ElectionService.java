package io.keelson.kvstore.server;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.CampaignRequest;
import io.keelson.kvstore.api.CampaignResponse;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.ElectionGrpc;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.LeaderKey;
import io.keelson.kvstore.api.LeaderRequest;
import io.keelson.kvstore.api.LeaderResponse;
import io.keelson.kvstore.api.ProclaimRequest;
import io.keelson.kvstore.api.ProclaimResponse;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.ResignRequest;
import io.keelson.kvstore.api.ResignResponse;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.server.QueueOfKeys.Place;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC service {@code v3electionpb.Election}. The leader of an election is whoever's key was created first. */
final class ElectionService extends ElectionGrpc.ElectionImplBase {
    private static final Logger log = LoggerFactory.getLogger(ElectionService.class);

    private final BlockingCalls calls;

    ElectionService(BlockingCalls calls) {
        this.calls = calls;
    }

    @Override
    public void campaign(CampaignRequest request, StreamObserver<CampaignResponse> client) {
        calls.run("campaign", client, channel -> {
            QueueOfKeys queue = new QueueOfKeys(channel, request.getName());
            Place place = queue.enter(request.getLease(), request.getValue());
            ResponseHeader header;
            try {
                if (!place.entered() && !place.value().equals(request.getValue())) {
                    var _ = proclaim(queue.kv(), place.key(), place.created(), place.lease(), request.getValue());
                }
                header = queue.awaitFront(place);
            } catch (RuntimeException e) {
                Context.ROOT.run(() -> withdraw(queue.kv(), place.key(), place.created()));
                throw e;
            }
            client.onNext(CampaignResponse.newBuilder()
                    .setHeader(header)
                    .setLeader(LeaderKey.newBuilder()
                            .setName(request.getName())
                            .setKey(place.key())
                            .setRev(place.created())
                            .setLease(place.lease()))
                    .build());
            client.onCompleted();
        });
    }

    @Override
    public void proclaim(ProclaimRequest request, StreamObserver<ProclaimResponse> client) {
        calls.run("proclaim", client, channel -> {
            LeaderKey leader = request.getLeader();
            TxnResponse done = proclaim(
                    KVGrpc.newBlockingStub(channel),
                    leader.getKey(),
                    leader.getRev(),
                    leader.getLease(),
                    request.getValue());
            client.onNext(
                    ProclaimResponse.newBuilder().setHeader(done.getHeader()).build());
            client.onCompleted();
        });
    }

    private static TxnResponse proclaim(
            KVGrpc.KVBlockingStub kv, ByteString key, long created, long lease, ByteString value) {
        TxnResponse response = kv.txn(TxnRequest.newBuilder()
                .addCompare(QueueOfKeys.created(key, created))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder()
                                .setKey(key)
                                .setValue(value)
                                .setLease(lease)))
                .build());
        if (!response.getSucceeded()) {
            throw Status.UNKNOWN.withDescription("election: not leader").asRuntimeException();
        }
        return response;
    }

    private static void withdraw(KVGrpc.KVBlockingStub kv, ByteString key, long created) {
        try {
            var _ = resign(kv, key, created);
        } catch (RuntimeException e) {
            log.warn("a candidate was not withdrawn; its key goes with its lease", e);
        }
    }

    private static TxnResponse resign(KVGrpc.KVBlockingStub kv, ByteString key, long created) {
        return kv.txn(TxnRequest.newBuilder()
                .addCompare(QueueOfKeys.created(key, created))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key)))
                .build());
    }

    @Override
    public void resign(ResignRequest request, StreamObserver<ResignResponse> client) {
        calls.run("resign", client, channel -> {
            LeaderKey leader = request.getLeader();
            TxnResponse done = resign(KVGrpc.newBlockingStub(channel), leader.getKey(), leader.getRev());
            client.onNext(
                    ResignResponse.newBuilder().setHeader(done.getHeader()).build());
            client.onCompleted();
        });
    }

    @Override
    public void leader(LeaderRequest request, StreamObserver<LeaderResponse> client) {
        calls.run("leader", client, channel -> {
            RangeResponse front = new QueueOfKeys(channel, request.getName()).front();
            if (front.getKvsCount() == 0) {
                throw Status.UNKNOWN.withDescription("election: no leader").asRuntimeException();
            }
            client.onNext(LeaderResponse.newBuilder()
                    .setHeader(front.getHeader())
                    .setKv(front.getKvs(0))
                    .build());
            client.onCompleted();
        });
    }

    @Override
    public void observe(LeaderRequest request, StreamObserver<LeaderResponse> client) {
        Outbox out = new Outbox((ServerCallStreamObserver<LeaderResponse>) client);
        calls.run("observe", client, channel -> {
            QueueOfKeys queue = new QueueOfKeys(channel, request.getName());
            while (!out.gone()) {
                follow(queue, out);
            }
        });
    }

    /** Tells of one leader, from when it is known until its key goes. */
    private static void follow(QueueOfKeys queue, Outbox out) throws InterruptedException {
        RangeResponse front = queue.front();
        long from = front.getHeader().getRevision() + 1;
        if (front.getKvsCount() == 0) {
            // Whoever puts first need not be who leads when that is looked at again.
            try (QueueOfKeys.Events events = queue.watch(queue.prefix(), queue.end(), from)) {
                while (!hasPut(events.next())) {
                    // Something else has happened under the prefix.
                }
            }
            return;
        }
        KeyValue leader = front.getKvs(0);
        out.send(front.getHeader(), leader);
        try (QueueOfKeys.Events events = queue.watch(leader.getKey(), ByteString.EMPTY, from)) {
            while (!out.gone()) {
                WatchResponse response = events.next();
                for (Event event : response.getEventsList()) {
                    if (event.getType() == Event.EventType.DELETE) {
                        return;
                    }
                    out.send(response.getHeader(), event.getKv());
                }
            }
        }
    }

    private static boolean hasPut(WatchResponse response) {
        return response.getEventsList().stream().anyMatch(event -> event.getType() == Event.EventType.PUT);
    }

    /** Sends at the pace of the client. */
    private static final class Outbox {
        private final ServerCallStreamObserver<LeaderResponse> client;

        Outbox(ServerCallStreamObserver<LeaderResponse> client) {
            this.client = client;
            client.setOnReadyHandler(this::wake);
            client.setOnCancelHandler(this::wake);
        }

        private synchronized void wake() {
            notifyAll();
        }

        boolean gone() {
            return client.isCancelled();
        }

        synchronized void send(ResponseHeader header, KeyValue leader) throws InterruptedException {
            while (!client.isReady() && !client.isCancelled()) {
                wait();
            }
            if (!client.isCancelled()) {
                client.onNext(LeaderResponse.newBuilder()
                        .setHeader(header)
                        .setKv(leader)
                        .build());
            }
        }
    }
}
