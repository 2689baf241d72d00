package io.keelson.kvstore.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseKeepAliveRequest;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import io.keelson.kvstore.api.LeaseLeasesRequest;
import io.keelson.kvstore.api.LeaseLeasesResponse;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.api.LeaseStatus;
import io.keelson.kvstore.api.LeaseTimeToLiveRequest;
import io.keelson.kvstore.api.LeaseTimeToLiveResponse;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.WatchCancelRequest;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchProgressRequest;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One server under the same calls as another. What differs between any two servers (ids, terms) is taken out of the answers. */
final class Subject implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 20;

    /** What a watch has told so far. */
    private static final class Watching {
        final List<Event> events = new ArrayList<>();

        @Nullable
        StreamObserver<WatchRequest> requests;

        long id = -1;
        boolean created;
        long progress;
        long startRevision;

        @Nullable
        String ended;
    }

    private final ManagedChannel channel;
    private final KVGrpc.KVBlockingStub kv;
    private final LeaseGrpc.LeaseBlockingStub lease;
    private final LeaseGrpc.LeaseStub leaseStreams;
    private final WatchGrpc.WatchStub watch;
    private final Map<Integer, Watching> watches = new HashMap<>();

    Subject(String endpoint) {
        channel = NettyChannelBuilder.forTarget(endpoint)
                .usePlaintext()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
        kv = KVGrpc.newBlockingStub(channel);
        lease = LeaseGrpc.newBlockingStub(channel);
        leaseStreams = LeaseGrpc.newStub(channel);
        watch = WatchGrpc.newStub(channel);
    }

    /** Carries a call out and returns the answer as text that two servers can be compared by. */
    String answer(Call call) throws InterruptedException {
        try {
            return switch (call) {
                case Call.Range c -> range(c.request());
                case Call.Put c -> text(kv().put(c.request()));
                case Call.DeleteRange c -> text(kv().deleteRange(c.request()));
                case Call.Txn c -> text(kv().txn(c.request()));
                case Call.Compact c -> text(kv().compact(c.request()));
                case Call.LeaseGrant c ->
                    text(lease().leaseGrant(LeaseGrantRequest.newBuilder()
                            .setID(c.id())
                            .setTTL(c.ttlSeconds())
                            .build()));
                case Call.LeaseRevoke c ->
                    text(lease().leaseRevoke(LeaseRevokeRequest.newBuilder()
                            .setID(c.id())
                            .build()));
                case Call.LeaseTimeToLive c -> timeToLive(c);
                case Call.LeaseLeases c -> leases();
                case Call.LeaseKeepAlive c -> keepAlive(c.id());
                case Call.WatchOpen c -> open(c);
                case Call.WatchCancel c -> cancel(c.number());
            };
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() + ": " + e.getStatus().getDescription();
        }
    }

    private KVGrpc.KVBlockingStub kv() {
        return kv.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private LeaseGrpc.LeaseBlockingStub lease() {
        return lease.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private String range(RangeRequest request) {
        RangeResponse response = kv().range(request);
        if (request.getSortTarget() == RangeRequest.SortTarget.KEY) {
            return text(response);
        }
        Comparator<KeyValue> order = switch (request.getSortTarget()) {
            case VERSION -> Comparator.comparingLong(KeyValue::getVersion);
            case CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
            case MOD -> Comparator.comparingLong(KeyValue::getModRevision);
            default -> Comparator.comparing(KeyValue::getValue, ByteString.unsignedLexicographicalComparator());
        };
        if (request.getSortOrder() == RangeRequest.SortOrder.DESCEND) {
            order = order.reversed();
        }
        boolean ordered = true;
        for (int i = 1; i < response.getKvsCount(); i++) {
            ordered &= order.compare(response.getKvs(i - 1), response.getKvs(i)) <= 0;
        }
        List<KeyValue> byKey = response.getKvsList().stream()
                .sorted(Comparator.comparing(KeyValue::getKey, ByteString.unsignedLexicographicalComparator()))
                .toList();
        return text(response.toBuilder().clearKvs().addAllKvs(byKey).build()) + "ordered: "
                + (ordered || request.getKeysOnly());
    }

    private String timeToLive(Call.LeaseTimeToLive call) {
        LeaseTimeToLiveResponse response = lease().leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                .setID(call.id())
                .setKeys(call.keys())
                .build());
        // The seconds left may differ by the time between the two calls; whether the lease lives may not. Keys come in
        // no order.
        return text(response.toBuilder()
                .clearKeys()
                .addAllKeys(response.getKeysList().stream()
                        .sorted(ByteString.unsignedLexicographicalComparator())
                        .toList())
                .setTTL(response.getTTL() > 0 ? 1 : response.getTTL())
                .build());
    }

    private String leases() {
        LeaseLeasesResponse response = lease().leaseLeases(LeaseLeasesRequest.getDefaultInstance());
        List<LeaseStatus> sorted = response.getLeasesList().stream()
                .sorted(Comparator.comparingLong(LeaseStatus::getID))
                .toList();
        return text(response.toBuilder().clearLeases().addAllLeases(sorted).build());
    }

    private String keepAlive(long id) throws InterruptedException {
        BlockingQueue<String> answers = new ArrayBlockingQueue<>(4);
        StreamObserver<LeaseKeepAliveRequest> requests = leaseStreams
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .leaseKeepAlive(new StreamObserver<>() {
                    @Override
                    public void onNext(LeaseKeepAliveResponse response) {
                        answers.add(text(response));
                    }

                    @Override
                    public void onError(Throwable error) {
                        answers.add(String.valueOf(error.getMessage()));
                    }

                    @Override
                    public void onCompleted() {
                        answers.add("completed");
                    }
                });
        requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(id).build());
        String answer = answers.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
        requests.onCompleted();
        return answer == null ? "no answer" : answer;
    }

    private String open(Call.WatchOpen call) throws InterruptedException {
        Watching watching = new Watching();
        watching.startRevision = call.request().getStartRevision();
        watches.put(call.number(), watching);
        StreamObserver<WatchRequest> requests = watch.watch(new StreamObserver<>() {
            @Override
            public void onNext(WatchResponse response) {
                synchronized (watching) {
                    if (response.getCreated()) {
                        watching.created = true;
                        watching.id = response.getWatchId();
                    }
                    watching.events.addAll(response.getEventsList());
                    if (response.getEventsCount() == 0 && !response.getCreated() && !response.getCanceled()) {
                        watching.progress = response.getHeader().getRevision();
                    }
                    if (response.getCanceled()) {
                        watching.ended = "canceled, compact revision " + response.getCompactRevision() + ", reason "
                                + response.getCancelReason();
                    }
                    watching.notifyAll();
                }
            }

            @Override
            public void onError(Throwable error) {
                synchronized (watching) {
                    watching.ended = String.valueOf(error.getMessage());
                    watching.notifyAll();
                }
            }

            @Override
            public void onCompleted() {}
        });
        watching.requests = requests;
        requests.onNext(
                WatchRequest.newBuilder().setCreateRequest(call.request()).build());
        synchronized (watching) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
            while (!watching.created && watching.ended == null && System.nanoTime() < deadline) {
                watching.wait(100);
            }
            return "created " + watching.created + " id " + watching.id;
        }
    }

    private String cancel(int number) throws InterruptedException {
        Watching watching = watches.get(number);
        if (watching == null) {
            return "no such watch";
        }
        synchronized (watching) {
            StreamObserver<WatchRequest> requests = watching.requests;
            if (requests != null && watching.ended == null && watching.created) {
                requests.onNext(WatchRequest.newBuilder()
                        .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(watching.id))
                        .build());
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
                while (watching.ended == null && System.nanoTime() < deadline) {
                    watching.wait(100);
                }
            }
        }
        return "ended";
    }

    /** What watch {@code number} has told up to a revision, after it has told all of it or has ended. */
    List<String> watched(int number, long upToRevision) throws InterruptedException {
        Watching watching = watches.get(number);
        if (watching == null) {
            return List.of();
        }
        synchronized (watching) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
            StreamObserver<WatchRequest> requests = watching.requests;
            // A watch that starts in the future tells of no progress before.
            while (requests != null
                    && watching.ended == null
                    && watching.startRevision <= upToRevision
                    && watching.progress < upToRevision) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("watch " + number + " makes no progress beyond " + watching.progress);
                }
                requests.onNext(WatchRequest.newBuilder()
                        .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                        .build());
                watching.wait(20);
            }
            List<String> told = new ArrayList<>();
            for (Event event : watching.events) {
                if (event.getKv().getModRevision() <= upToRevision) {
                    told.add(event.toString());
                }
            }
            return told;
        }
    }

    /** How the watch ended, or "open". */
    String ending(int number) {
        Watching watching = watches.get(number);
        if (watching == null) {
            return "none";
        }
        synchronized (watching) {
            return watching.ended == null ? "open" : watching.ended;
        }
    }

    private static String text(Message response) {
        return withoutIdentity(response).toString();
    }

    private static Message withoutIdentity(Message response) {
        Message.Builder builder = response.toBuilder();
        var field = response.getDescriptorForType().findFieldByName("header");
        if (field != null && response.hasField(field)) {
            ResponseHeader header = (ResponseHeader) response.getField(field);
            builder.setField(
                    field,
                    header.toBuilder()
                            .clearClusterId()
                            .clearMemberId()
                            .clearRaftTerm()
                            .build());
        }
        return builder.build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
