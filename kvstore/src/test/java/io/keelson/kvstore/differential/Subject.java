package io.keelson.kvstore.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrantResponse;
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
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** One server under the same calls as another. What differs between any two servers (ids, terms) is taken out of the answers. */
final class Subject implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 20;
    private static final long ASK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** What a watch has told so far. Guarded by its stream. */
    private static final class Watching {
        final Stream stream;
        final long startRevision;
        final List<Event> events = new ArrayList<>();

        /** Of the first so many events: what they are compared by. */
        final List<String> texts = new ArrayList<>();

        long id = -1;
        boolean created;
        long progress;

        @Nullable
        String ended;

        Watching(Stream stream, long startRevision) {
            this.stream = stream;
            this.startRevision = startRevision;
        }
    }

    /** A stream that watches share; guards itself. */
    private static final class Stream implements StreamObserver<WatchResponse> {
        final Map<Long, Watching> byId = new HashMap<>();

        /** What is waiting to be created; one at a time. */
        @Nullable
        Watching pending;

        @Nullable
        StreamObserver<WatchRequest> requests;

        /** Of all its watches, since the last of them was created. */
        long progress;

        long fragments;

        /** What came for a watch that is not there, or in place of what should have come. */
        final List<String> astray = new ArrayList<>();

        @Nullable
        String ended;

        @Override
        public synchronized void onNext(WatchResponse response) {
            Watching watching = response.getCreated() ? pending : byId.get(response.getWatchId());
            if (response.getCreated() && watching != null) {
                watching.created = true;
                watching.id = response.getWatchId();
                pending = null;
                progress = 0;
                if (!response.getCanceled()) {
                    byId.put(watching.id, watching);
                }
            }
            if (response.getFragment()) {
                fragments++;
            }
            if (watching == null
                    && (response.getEventsCount() > 0 || response.getCreated() || response.getCanceled())) {
                astray.add("for watch " + response.getWatchId() + ": " + response.getEventsCount() + " events, created "
                        + response.getCreated() + ", canceled " + response.getCanceled());
            } else if (watching == null) {
                progress = response.getHeader().getRevision();
            } else if (response.getCanceled()) {
                watching.ended = "canceled, compact revision " + response.getCompactRevision() + ", reason "
                        + response.getCancelReason();
                byId.remove(watching.id, watching);
            } else if (response.getEventsCount() > 0) {
                watching.events.addAll(response.getEventsList());
            } else if (!response.getCreated()) {
                watching.progress = response.getHeader().getRevision();
            }
            notifyAll();
        }

        @Override
        public synchronized void onError(Throwable error) {
            ended = String.valueOf(error.getMessage());
            notifyAll();
        }

        @Override
        public synchronized void onCompleted() {
            ended = "completed";
            notifyAll();
        }
    }

    private final ManagedChannel channel;
    private final KVGrpc.KVBlockingStub kv;
    private final LeaseGrpc.LeaseBlockingStub lease;
    private final LeaseGrpc.LeaseStub leaseStreams;
    private final WatchGrpc.WatchStub watch;
    private final Map<Integer, Watching> watches = new HashMap<>();
    private final Map<Integer, Stream> streams = new HashMap<>();

    /** Ids of leases that the server chose, by what the run calls them, and the other way. */
    private final Map<Long, Long> leaseIds = new HashMap<>();

    private final Map<Long, Long> leaseNames = new HashMap<>();

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
                case Call.Put c -> text(kv().put(sent(c.request())));
                case Call.DeleteRange c -> text(kv().deleteRange(sent(c.request())));
                case Call.Txn c -> text(kv().txn(sent(c.request())));
                case Call.Compact c -> text(kv().compact(sent(c.request())));
                case Call.LeaseGrant c -> text(grant(c.id(), c.ttlSeconds()));
                case Call.LeaseGrantAny c -> {
                    LeaseGrantResponse granted = grant(0, c.ttlSeconds());
                    leaseIds.put(c.id(), granted.getID());
                    leaseNames.put(granted.getID(), c.id());
                    yield text(granted);
                }
                case Call.LeaseBriefly c ->
                    answer(new Call.LeaseGrant(c.id(), c.ttlSeconds())) + answer(new Call.LeaseRevoke(c.id()));
                case Call.LeaseRevoke c ->
                    text(lease().leaseRevoke(LeaseRevokeRequest.newBuilder()
                            .setID(leaseId(c.id()))
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

    private LeaseGrantResponse grant(long id, long ttlSeconds) {
        return lease().leaseGrant(LeaseGrantRequest.newBuilder()
                .setID(leaseId(id))
                .setTTL(ttlSeconds)
                .build());
    }

    private long leaseId(long name) {
        return leaseIds.getOrDefault(name, name);
    }

    /** A request as this server understands it. */
    private <T extends Message> T sent(T request) {
        return withLeases(request, this::leaseId);
    }

    /** What a server told, with leases named as in the run. */
    private <T extends Message> T told(T response) {
        return withLeases(response, id -> leaseNames.getOrDefault(id, id));
    }

    /** A message with every id of a lease in it, at any depth, replaced. */
    private static <T extends Message> T withLeases(T message, LongUnaryOperator replacement) {
        Message.Builder builder = message.toBuilder();
        message.getAllFields().forEach((field, value) -> {
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && field.isRepeated()) {
                for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                    builder.setRepeatedField(
                            field, i, withLeases((Message) message.getRepeatedField(field, i), replacement));
                }
            } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                builder.setField(field, withLeases((Message) value, replacement));
            } else if (field.getName().equals("lease") || field.getName().equals("ID")) {
                builder.setField(field, replacement.applyAsLong((long) value));
            }
        });
        @SuppressWarnings("unchecked")
        T replaced = (T) builder.build();
        return replaced;
    }

    private KVGrpc.KVBlockingStub kv() {
        return kv.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private LeaseGrpc.LeaseBlockingStub lease() {
        return lease.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /** The answer to a range that is streamed, put together: as that to the plain one. */
    String streamed(RangeRequest request) {
        RangeResponse.Builder whole = RangeResponse.newBuilder();
        try {
            kv().rangeStream(request).forEachRemaining(piece -> whole.mergeFrom(piece.getRangeResponse()));
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() + ": " + e.getStatus().getDescription();
        }
        return range(request, whole.build());
    }

    private String range(RangeRequest request) {
        return range(request, kv().range(request));
    }

    private String range(RangeRequest request, RangeResponse response) {
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
                .setID(leaseId(call.id()))
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
        LeaseLeasesResponse response = told(lease().leaseLeases(LeaseLeasesRequest.getDefaultInstance()));
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
        requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(leaseId(id)).build());
        String answer = answers.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
        requests.onCompleted();
        return answer == null ? "no answer" : answer;
    }

    private String open(Call.WatchOpen call) throws InterruptedException {
        Stream stream = streams.computeIfAbsent(call.stream(), _ -> new Stream());
        Watching watching = new Watching(stream, call.request().getStartRevision());
        watches.put(call.number(), watching);
        synchronized (stream) {
            stream.pending = watching;
            StreamObserver<WatchRequest> requests = stream.requests == null ? watch.watch(stream) : stream.requests;
            stream.requests = requests;
            requests.onNext(
                    WatchRequest.newBuilder().setCreateRequest(call.request()).build());
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
            while (!watching.created && stream.ended == null && System.nanoTime() < deadline) {
                stream.wait(100);
            }
            return "created " + watching.created + " id " + watching.id;
        }
    }

    private String cancel(int number) throws InterruptedException {
        Watching watching = watches.get(number);
        if (watching == null) {
            return "no such watch";
        }
        Stream stream = watching.stream;
        synchronized (stream) {
            StreamObserver<WatchRequest> requests = stream.requests;
            if (requests != null && !over(watching) && watching.created) {
                requests.onNext(WatchRequest.newBuilder()
                        .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(watching.id))
                        .build());
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
                while (!over(watching) && System.nanoTime() < deadline) {
                    stream.wait(100);
                }
            }
            return over(watching) ? "ended" : "does not end";
        }
    }

    private static boolean over(Watching watching) {
        return watching.ended != null || watching.stream.ended != null;
    }

    /** What watch {@code number} has told up to a revision, after it has told all of it or has ended. */
    List<String> watched(int number, long upToRevision) throws InterruptedException {
        Watching watching = watches.get(number);
        if (watching == null) {
            return List.of();
        }
        Stream stream = watching.stream;
        synchronized (stream) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
            long asked = 0;
            StreamObserver<WatchRequest> requests = stream.requests;
            // A watch that starts in the future tells of no progress before.
            while (requests != null
                    && !over(watching)
                    && watching.startRevision <= upToRevision
                    && Math.max(stream.progress, watching.progress) < upToRevision) {
                long now = System.nanoTime();
                if (now > deadline) {
                    throw new AssertionError("watch " + number + " makes no progress beyond " + watching.progress);
                }
                // A question that comes too early is never answered, so it is asked again.
                if (asked == 0 || now - asked > ASK_AGAIN_NANOS) {
                    asked = now;
                    requests.onNext(WatchRequest.newBuilder()
                            .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                            .build());
                }
                stream.wait(20);
            }
            if (!stream.astray.isEmpty()) {
                throw new AssertionError("the stream of watch " + number + " got " + stream.astray);
            }
            for (Event event : watching.events.subList(watching.texts.size(), watching.events.size())) {
                watching.texts.add(told(event).toString());
            }
            List<String> told = new ArrayList<>();
            for (int i = 0; i < watching.texts.size(); i++) {
                if (watching.events.get(i).getKv().getModRevision() <= upToRevision) {
                    told.add(watching.texts.get(i));
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
        synchronized (watching.stream) {
            if (watching.ended != null) {
                return watching.ended;
            }
            return watching.stream.ended == null ? "open" : watching.stream.ended;
        }
    }

    /** How many answers of watches have come in more than one piece, counting every piece but the last. */
    long fragments() {
        long fragments = 0;
        for (Stream stream : streams.values()) {
            synchronized (stream) {
                fragments += stream.fragments;
            }
        }
        return fragments;
    }

    private String text(Message response) {
        return withoutIdentity(told(response)).toString();
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
