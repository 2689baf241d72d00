package io.keelson.kvstore.cli;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.client.KvClient;
import io.keelson.kvstore.client.Watcher;
import java.util.List;

/** {@code elect}: takes part in an election until it is interrupted, or with {@code -l} watches its leaders. */
final class ElectCommand {
    private static final long TTL_S = 60;

    private ElectCommand() {}

    static void run(Invocation call) throws InterruptedException {
        List<String> words = call.words();
        if (words.size() != 1 && words.size() != 2) {
            throw CommandFailure.badArguments(
                    "elect takes one election name argument and an optional proposal argument");
        }
        KvClient client = call.client();
        boolean listen = call.arguments().bool("listen");
        if (words.size() == 1 && !listen) {
            throw CommandFailure.badArguments("no proposal argument but -l not set");
        }
        if (words.size() == 2 && listen) {
            throw CommandFailure.badArguments("proposal given but -l is set");
        }
        try (LeaseSession session = LeaseSession.open(client, TTL_S, call.deadline())) {
            if (listen) {
                observe(call, client, session);
            } else {
                campaign(call, client, session);
            }
        }
    }

    private static void campaign(Invocation call, KvClient client, LeaseSession session) throws InterruptedException {
        QueueKey place = new QueueKey(client, call.words().getFirst(), session.lease());
        Held held = new Held(call.console().termination(), session);
        var _ = held.enter(place, call.words().get(1));
        call.printer().get(place.read());
        call.console().flush();
        if (!held.awaitEnd()) {
            throw CommandFailure.of(ExitCode.ERROR, "elect: session expired");
        }
        place.leave();
    }

    private static void observe(Invocation call, KvClient client, LeaseSession session) throws InterruptedException {
        ByteString prefix = new QueueKey(client, call.words().getFirst(), session.lease()).prefix();
        Held held = new Held(call.console().termination(), session);
        try {
            while (true) {
                RangeResponse leader = client.read(
                        KVGrpc.getRangeMethod(),
                        RangeRequest.newBuilder()
                                .setKey(prefix)
                                .setRangeEnd(QueueKey.end(prefix))
                                .setSortTarget(RangeRequest.SortTarget.CREATE)
                                .setSortOrder(RangeRequest.SortOrder.ASCEND)
                                .setLimit(1)
                                .build(),
                        null);
                RangeResponse now = leader.getKvsCount() > 0
                        ? leader
                        : firstPut(client, prefix, leader.getHeader().getRevision());
                follow(call, client, now);
            }
        } catch (InterruptedException | StatusRuntimeException e) {
            if (!held.endWait()) {
                throw e;
            }
            if (!call.console().termination().wished()) {
                throw CommandFailure.of(ExitCode.ERROR, "elect: observer lost");
            }
        }
    }

    private static RangeResponse firstPut(KvClient client, ByteString prefix, long revision)
            throws InterruptedException {
        WatchCreateRequest request = WatchCreateRequest.newBuilder()
                .setKey(prefix)
                .setRangeEnd(QueueKey.end(prefix))
                .setStartRevision(revision)
                .addFilters(WatchCreateRequest.FilterType.NODELETE)
                .build();
        try (Watcher watcher = Watcher.open(client, request)) {
            while (true) {
                WatchResponse response = watcher.next();
                if (response.getEventsCount() > 0) {
                    return leader(response, response.getEvents(0));
                }
                checkAlive(response);
            }
        }
    }

    /** Shows the leader and every later value of its key, until the key is gone. */
    private static void follow(Invocation call, KvClient client, RangeResponse leader) throws InterruptedException {
        show(call, leader);
        KeyValue pair = leader.getKvs(0);
        WatchCreateRequest request = WatchCreateRequest.newBuilder()
                .setKey(pair.getKey())
                .setStartRevision(leader.getHeader().getRevision() + 1)
                .build();
        try (Watcher watcher = Watcher.open(client, request)) {
            while (true) {
                WatchResponse response = watcher.next();
                for (Event event : response.getEventsList()) {
                    if (event.getType() == Event.EventType.DELETE) {
                        return;
                    }
                    show(call, leader(response, event));
                }
                checkAlive(response);
            }
        }
    }

    private static void checkAlive(WatchResponse response) {
        if (response.getCanceled()) {
            throw CommandFailure.of(ExitCode.ERROR, "elect: observer lost");
        }
    }

    private static RangeResponse leader(WatchResponse response, Event event) {
        return RangeResponse.newBuilder()
                .setHeader(response.getHeader().toBuilder()
                        .setRevision(event.getKv().getModRevision()))
                .addKvs(event.getKv())
                .build();
    }

    private static void show(Invocation call, RangeResponse leader) {
        call.printer().get(leader);
        call.console().flush();
    }
}
