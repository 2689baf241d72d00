package io.keelson.kvstore.hostile;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * One way to wrong a server. A strike is one go, on connections of its own; it ends by itself, with an exception when the
 * server has had enough.
 */
enum Attack {
    /** Bytes that mean nothing, from the first on or behind a proper beginning. */
    GARBAGE(4) {
        @Override
        void strike(Target target, Random random) throws IOException {
            try (RawConnection connection = new RawConnection(target)) {
                if (random.nextBoolean()) {
                    connection.preface(NO_SETTINGS);
                }
                connection.send(bytes(random, 1 + random.nextInt(4_000)));
                connection.awaitPatience(50);
            }
        }
    },
    /** Frames of every type with any flags, stream and length. */
    BAD_FRAMES(4) {
        @Override
        void strike(Target target, Random random) throws IOException {
            try (RawConnection connection = new RawConnection(target)) {
                connection.preface(NO_SETTINGS);
                for (int i = 0; i < 20; i++) {
                    connection.send(RawConnection.frame(
                            random.nextInt(12),
                            random.nextInt(256),
                            random.nextInt(8),
                            bytes(random, random.nextInt(60))));
                }
                connection.awaitPatience(50);
            }
        }
    },
    /** Every method with bytes that are no message of it, or one that was damaged on the way. */
    BAD_MESSAGES(4) {
        @Override
        void strike(Target target, Random random) throws IOException {
            List<String> methods = Target.methods();
            try (RawConnection connection = new RawConnection(target)) {
                connection.preface(NO_SETTINGS);
                for (int i = 0; i < 50; i++) {
                    byte[] body = random.nextBoolean() ? bytes(random, random.nextInt(200)) : damaged(random);
                    String path = methods.get(random.nextInt(methods.size()));
                    // What was left intact is not to change users and members, nor what good clients have put.
                    if (METHODS_THAT_CHANGE_MUCH.matcher(path).find()) {
                        body = new byte[] {(byte) 0xff, (byte) 0xff, 1};
                    }
                    connection.call(2 * i + 1, path, body);
                    connection.send(
                            RawConnection.frame(RawConnection.DATA, RawConnection.END_STREAM, 2 * i + 1, new byte[0]));
                }
                connection.awaitPatience(100);
            }
        }
    },
    /** Messages that are too large, say that they are, or become so when they are inflated. */
    OVERSIZED(2) {
        @Override
        void strike(Target target, Random random) throws IOException {
            try (RawConnection connection = new RawConnection(target)) {
                connection.preface(NO_SETTINGS);
                switch (random.nextInt(3)) {
                    case 0 -> {
                        // Four gigabytes announced, a little sent.
                        connection.send(RawConnection.frame(
                                RawConnection.HEADERS,
                                RawConnection.END_HEADERS,
                                1,
                                RawConnection.callHeaders(
                                        path(KVGrpc.getPutMethod().getFullMethodName()))));
                        connection.send(RawConnection.frame(
                                RawConnection.DATA,
                                0,
                                1,
                                ByteBuffer.allocate(4_096)
                                        .put((byte) 0)
                                        .putInt(-1)
                                        .array()));
                    }
                    case 1 -> {
                        connection.send(RawConnection.frame(
                                RawConnection.HEADERS,
                                RawConnection.END_HEADERS,
                                1,
                                RawConnection.callHeaders(
                                        path(KVGrpc.getPutMethod().getFullMethodName()))));
                        byte[] piece = RawConnection.message(new byte[16_000]);
                        ByteBuffer.wrap(piece).putInt(1, 64 << 20);
                        for (int i = 0; i < 500; i++) {
                            connection.send(RawConnection.frame(RawConnection.DATA, 0, 1, piece));
                        }
                    }
                    default -> {
                        ByteArrayOutputStream block = new ByteArrayOutputStream();
                        block.writeBytes(RawConnection.callHeaders(
                                path(KVGrpc.getPutMethod().getFullMethodName())));
                        RawConnection.literal(block, "grpc-encoding", "gzip");
                        connection.send(RawConnection.frame(
                                RawConnection.HEADERS, RawConnection.END_HEADERS, 1, block.toByteArray()));
                        byte[] bomb = RawConnection.message(bomb());
                        bomb[0] = 1;
                        for (int from = 0; from < bomb.length; from += 16_000) {
                            byte[] piece = new byte[Math.min(16_000, bomb.length - from)];
                            System.arraycopy(bomb, from, piece, 0, piece.length);
                            connection.send(RawConnection.frame(RawConnection.DATA, 0, 1, piece));
                        }
                    }
                }
                connection.awaitPatience(200);
            }
        }
    },
    /** Transactions in transactions in transactions, as protobuf and as JSON, and JSON that is nothing but brackets. */
    DEEP(2) {
        @Override
        void strike(Target target, Random random) throws IOException {
            int depth = 30 + random.nextInt(5_000);
            if (random.nextBoolean()) {
                try (RawConnection connection = new RawConnection(target)) {
                    connection.preface(NO_SETTINGS);
                    byte[] nested = nested(depth);
                    connection.send(RawConnection.frame(
                            RawConnection.HEADERS,
                            RawConnection.END_HEADERS,
                            1,
                            RawConnection.callHeaders(path(KVGrpc.getTxnMethod().getFullMethodName()))));
                    byte[] message = RawConnection.message(nested);
                    for (int from = 0; from < message.length; from += 16_000) {
                        byte[] piece = new byte[Math.min(16_000, message.length - from)];
                        System.arraycopy(message, from, piece, 0, piece.length);
                        boolean last = from + piece.length == message.length;
                        connection.send(
                                RawConnection.frame(RawConnection.DATA, last ? RawConnection.END_STREAM : 0, 1, piece));
                    }
                    connection.awaitPatience(200);
                }
                return;
            }
            String body = random.nextBoolean()
                    ? "{\"success\":[{\"requestTxn\":".repeat(depth) + "{}" + "}]}".repeat(depth)
                    : "[".repeat(100_000);
            try (RawConnection connection = new RawConnection(target)) {
                connection.send(
                        "POST /v3/kv/txn HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                connection.awaitPatience(200);
            }
        }
    },
    /** Connections that stop in the middle of a word: before it, in the preface, in headers, in a message. */
    STALLED(1) {
        @Override
        void strike(Target target, Random random) throws IOException {
            List<RawConnection> held = new ArrayList<>();
            try {
                for (int i = 0; i < 200; i++) {
                    RawConnection connection = new RawConnection(target);
                    held.add(connection);
                    switch (i % 6) {
                        case 0 -> {}
                        case 1 -> connection.send("PR");
                        case 2 -> connection.send("POST /v3/kv/range HTTP/1.1\r\nHost: a\r\nContent-Le");
                        case 3 ->
                            connection.send("POST /v3/kv/range HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{");
                        case 4 -> {
                            connection.preface(NO_SETTINGS);
                            connection.send(new byte[] {0, 0, 100, RawConnection.HEADERS});
                        }
                        default -> {
                            connection.preface(NO_SETTINGS);
                            connection.send(RawConnection.frame(
                                    RawConnection.HEADERS,
                                    RawConnection.END_HEADERS,
                                    1,
                                    RawConnection.callHeaders(
                                            path(KVGrpc.getPutMethod().getFullMethodName()))));
                            connection.send(RawConnection.frame(RawConnection.DATA, 0, 1, new byte[] {0, 0, 0, 1}));
                        }
                    }
                }
                pause(1_000);
            } finally {
                closeAll(held);
            }
        }
    },
    /** Very many requests of which almost everything comes, but not the end: calls, headers alone, bodies of JSON. */
    HALF_SENT(2) {
        @Override
        void strike(Target target, Random random) throws IOException {
            switch (random.nextInt(4)) {
                case 0 -> halfCalls(target, random.nextBoolean());
                case 1 -> headersAlone(target);
                case 2 -> halfBodiesOverHttpTwo(target);
                default -> halfBodiesOverHttpOne(target);
            }
        }
    },
    /** Watches, ranges and snapshots that nobody reads. */
    SLOW_READERS(1) {
        @Override
        void strike(Target target, Random random) throws IOException {
            List<RawConnection> held = new ArrayList<>();
            ByteString zero = ByteString.copyFrom(new byte[] {0});
            byte[] watch = WatchRequest.newBuilder()
                    .setCreateRequest(WatchCreateRequest.newBuilder()
                            .setKey(zero)
                            .setRangeEnd(zero)
                            .setStartRevision(1)
                            .setPrevKv(true))
                    .build()
                    .toByteArray();
            byte[] range = RangeRequest.newBuilder()
                    .setKey(zero)
                    .setRangeEnd(zero)
                    .build()
                    .toByteArray();
            try {
                for (int i = 0; i < 60; i++) {
                    RawConnection connection = new RawConnection(target);
                    held.add(connection);
                    // Half let the server send nothing at all, half take the first bytes into the system's buffers.
                    connection.preface(i % 2 == 0 ? RawConnection.noWindow() : NO_SETTINGS);
                    for (int call = 0; call < 5; call++) {
                        int stream = 2 * call + 1;
                        switch (i % 3) {
                            case 0 ->
                                connection.call(
                                        stream, path(WatchGrpc.getWatchMethod().getFullMethodName()), watch);
                            case 1 -> {
                                connection.call(
                                        stream, path(KVGrpc.getRangeMethod().getFullMethodName()), range);
                                connection.send(RawConnection.frame(
                                        RawConnection.DATA, RawConnection.END_STREAM, stream, new byte[0]));
                            }
                            default -> {
                                connection.call(
                                        stream,
                                        path(MaintenanceGrpc.getSnapshotMethod().getFullMethodName()),
                                        NOTHING);
                                connection.send(RawConnection.frame(
                                        RawConnection.DATA, RawConnection.END_STREAM, stream, new byte[0]));
                            }
                        }
                    }
                }
                pause(1_500);
            } finally {
                closeAll(held);
            }
        }
    },
    /** Very many connections, all properly opened, that do nothing. */
    CONNECTIONS(1) {
        @Override
        void strike(Target target, Random random) throws IOException {
            List<RawConnection> held = new ArrayList<>();
            try {
                for (int i = 0; i < connectionsMax(); i++) {
                    RawConnection connection = new RawConnection(target);
                    held.add(connection);
                    connection.preface(NO_SETTINGS);
                }
                pause(1_000);
            } finally {
                closeAll(held);
            }
        }
    },
    /** Calls that are taken back as soon as they are made. */
    RESET_FLOOD(2) {
        @Override
        void strike(Target target, Random random) throws IOException {
            try (RawConnection connection = new RawConnection(target)) {
                connection.preface(NO_SETTINGS);
                byte[] headers =
                        RawConnection.callHeaders(path(KVGrpc.getRangeMethod().getFullMethodName()));
                byte[] cancel = ByteBuffer.allocate(4).putInt(8).array();
                for (int stream = 1; stream < 20_000; stream += 2) {
                    connection.send(
                            RawConnection.frame(RawConnection.HEADERS, RawConnection.END_HEADERS, stream, headers));
                    connection.send(RawConnection.frame(RawConnection.RST_STREAM, 0, stream, cancel));
                }
                connection.awaitPatience(100);
            }
        }
    },
    /** Pings, settings, priorities, window updates and empty data, as fast as they go. */
    FRAME_FLOOD(2) {
        @Override
        void strike(Target target, Random random) throws IOException {
            try (RawConnection connection = new RawConnection(target)) {
                connection.preface(NO_SETTINGS);
                byte[] one = switch (random.nextInt(5)) {
                    case 0 -> RawConnection.frame(RawConnection.PING, 0, 0, new byte[8]);
                    case 1 -> RawConnection.frame(RawConnection.SETTINGS, 0, 0, NO_SETTINGS);
                    case 2 -> RawConnection.frame(RawConnection.PRIORITY, 0, 3, new byte[5]);
                    case 3 -> RawConnection.frame(RawConnection.WINDOW_UPDATE, 0, 0, new byte[] {0, 0, 0, 1});
                    default -> {
                        connection.send(RawConnection.frame(
                                RawConnection.HEADERS,
                                RawConnection.END_HEADERS,
                                1,
                                RawConnection.callHeaders(
                                        path(KVGrpc.getPutMethod().getFullMethodName()))));
                        yield RawConnection.frame(RawConnection.DATA, 0, 1, new byte[0]);
                    }
                };
                byte[] many = new byte[one.length * 100];
                for (int i = 0; i < 100; i++) {
                    System.arraycopy(one, 0, many, i * one.length, one.length);
                }
                for (int i = 0; i < 300; i++) {
                    connection.send(many);
                }
                connection.awaitPatience(100);
            }
        }
    },
    /** Headers without end. */
    CONTINUATION_FLOOD(2) {
        @Override
        void strike(Target target, Random random) throws IOException {
            try (RawConnection connection = new RawConnection(target)) {
                connection.preface(NO_SETTINGS);
                connection.send(RawConnection.frame(
                        RawConnection.HEADERS,
                        0,
                        1,
                        RawConnection.callHeaders(path(KVGrpc.getPutMethod().getFullMethodName()))));
                ByteArrayOutputStream block = new ByteArrayOutputStream();
                boolean empty = random.nextBoolean();
                for (int i = 0; i < 50 && !empty; i++) {
                    RawConnection.literal(block, "x-" + i, "y".repeat(100));
                }
                byte[] more = RawConnection.frame(RawConnection.CONTINUATION, 0, 1, block.toByteArray());
                for (int i = 0; i < 5_000; i++) {
                    connection.send(more);
                }
                connection.awaitPatience(100);
            }
        }
    },
    /** HTTP/1.1 requests whose bytes come one by one, and very many requests behind each other. */
    SLOWLORIS(1) {
        @Override
        void strike(Target target, Random random) throws IOException {
            List<RawConnection> held = new ArrayList<>();
            try {
                for (int i = 0; i < 200; i++) {
                    RawConnection connection = new RawConnection(target);
                    held.add(connection);
                    connection.send("GET /health HTTP/1.1\r\nHost: a\r\n");
                }
                for (int round = 0; round < 10; round++) {
                    for (RawConnection connection : held) {
                        connection.send("X-" + round + ": 1\r\n");
                    }
                    pause(100);
                }
            } finally {
                closeAll(held);
            }
            try (RawConnection connection = new RawConnection(target)) {
                for (int i = 0; i < 2_000; i++) {
                    connection.send("GET /version HTTP/1.1\r\nHost: a\r\n\r\n");
                }
                connection.awaitPatience(100);
            }
        }
    };

    private static final Pattern METHODS_THAT_CHANGE_MUCH =
            Pattern.compile("Auth/|Cluster/|MoveLeader|Alarm|Downgrade|DeleteRange|Compact");

    /** Of about a megabyte each. */
    private static final int HALF_REQUESTS = 100;

    private static final int HALF_PIECE_BYTES = 16_000;

    static final byte[] NO_SETTINGS = {};
    static final byte[] NOTHING = {};

    /** Connections of {@link #CONNECTIONS}; a short test makes do with fewer. */
    static int connectionsMax() {
        return Integer.getInteger("hostile.connections", 500);
    }

    private final int attackers;

    Attack(int attackers) {
        this.attackers = attackers;
    }

    /** How many strike at a time. */
    int attackers() {
        return attackers;
    }

    abstract void strike(Target target, Random random) throws IOException;

    static Attack named(String name) {
        return valueOf(name.trim().toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** @param whole whether the message is all there, and only the word that it is the last one is missing */
    private static void halfCalls(Target target, boolean whole) throws IOException {
        try (RawConnection connection = new RawConnection(target)) {
            connection.preface(NO_SETTINGS);
            byte[] headers =
                    RawConnection.callHeaders(path(KVGrpc.getPutMethod().getFullMethodName()));
            int pieces = 1_000_000 / HALF_PIECE_BYTES;
            byte[] first = RawConnection.message(new byte[HALF_PIECE_BYTES]);
            ByteBuffer.wrap(first).putInt(1, pieces * HALF_PIECE_BYTES + (whole ? 0 : 1));
            byte[] more = new byte[HALF_PIECE_BYTES];
            for (int call = 0; call < HALF_REQUESTS; call++) {
                int stream = 2 * call + 1;
                connection.send(RawConnection.frame(RawConnection.HEADERS, RawConnection.END_HEADERS, stream, headers));
                for (int piece = 0; piece < pieces; piece++) {
                    connection.send(RawConnection.frame(RawConnection.DATA, 0, stream, piece == 0 ? first : more));
                }
            }
            connection.awaitPatience(300);
        }
    }

    private static void headersAlone(Target target) throws IOException {
        try (RawConnection connection = new RawConnection(target)) {
            connection.preface(NO_SETTINGS);
            ByteArrayOutputStream block = new ByteArrayOutputStream();
            block.writeBytes(
                    RawConnection.callHeaders(path(KVGrpc.getPutMethod().getFullMethodName())));
            for (int i = 0; i < 120; i++) {
                RawConnection.literal(block, "x-" + i, "y".repeat(120));
            }
            for (int call = 0; call < 40 * HALF_REQUESTS; call++) {
                connection.send(RawConnection.frame(
                        RawConnection.HEADERS, RawConnection.END_HEADERS, 2 * call + 1, block.toByteArray()));
            }
            connection.awaitPatience(300);
        }
    }

    private static void halfBodiesOverHttpTwo(Target target) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x83); // :method POST
        block.write(0x86); // :scheme http
        RawConnection.literal(block, ":path", "/v3/kv/put");
        RawConnection.literal(block, ":authority", "localhost");
        byte[] piece = new byte[HALF_PIECE_BYTES];
        try (RawConnection connection = new RawConnection(target)) {
            connection.preface(NO_SETTINGS);
            for (int i = 0; i < HALF_REQUESTS; i++) {
                int stream = 2 * i + 1;
                connection.send(RawConnection.frame(
                        RawConnection.HEADERS, RawConnection.END_HEADERS, stream, block.toByteArray()));
                for (int sent = 0; sent < 1_000_000; sent += HALF_PIECE_BYTES) {
                    connection.send(RawConnection.frame(RawConnection.DATA, 0, stream, piece));
                }
            }
            connection.awaitPatience(300);
        }
    }

    private static void halfBodiesOverHttpOne(Target target) throws IOException {
        List<RawConnection> held = new ArrayList<>();
        try {
            for (int i = 0; i < HALF_REQUESTS; i++) {
                RawConnection connection = new RawConnection(target);
                held.add(connection);
                connection.send("POST /v3/kv/put HTTP/1.1\r\nHost: a\r\nContent-Length: 1000001\r\n\r\n");
                connection.send(new byte[1_000_000]);
            }
            pause(300);
        } finally {
            closeAll(held);
        }
    }

    private static String path(String method) {
        return "/" + method;
    }

    private static byte[] bytes(Random random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** A message of the KV service in which some bytes have changed. */
    private static byte[] damaged(Random random) {
        ByteString key = ByteString.copyFromUtf8("hostile/" + random.nextInt(10));
        byte[] message = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder().setKey(key).setModRevision(1))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder().setKey(key).setValue(key)))
                .addFailure(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(key)))
                .build()
                .toByteArray();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            message[random.nextInt(message.length)] = (byte) random.nextInt();
        }
        return message;
    }

    /** A transaction so many levels deep, made from the inside out. */
    private static byte[] nested(int depth) throws IOException {
        // Each level is an operation (field 2) that holds a transaction (field 4).
        byte[] whole = new byte[depth * 12];
        int at = whole.length;
        for (int i = 0; i < depth; i++) {
            for (int tag : new int[] {(4 << 3) | 2, (2 << 3) | 2}) {
                int inside = whole.length - at;
                int head = 1 + CodedOutputStream.computeUInt32SizeNoTag(inside);
                at -= head;
                CodedOutputStream out = CodedOutputStream.newInstance(whole, at, head);
                out.writeUInt32NoTag(tag);
                out.writeUInt32NoTag(inside);
            }
        }
        byte[] message = new byte[whole.length - at];
        System.arraycopy(whole, at, message, 0, message.length);
        return message;
    }

    /** A hundred megabytes of nothing, which take a hundred kilobytes. */
    private static byte[] bomb() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            byte[] megabyte = new byte[1 << 20];
            for (int i = 0; i < 100; i++) {
                gzip.write(megabyte);
            }
        }
        return bytes.toByteArray();
    }

    private static void pause(long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void closeAll(List<RawConnection> connections) throws IOException {
        for (RawConnection connection : connections) {
            connection.close();
        }
    }

    /** The name as a person types it. */
    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
