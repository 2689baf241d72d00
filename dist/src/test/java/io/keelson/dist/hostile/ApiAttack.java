package io.keelson.dist.hostile;

import io.keelson.kvstore.hostile.RawConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * One way to wrong an API server. A strike is one go, on connections of its own; it ends by itself, with an exception when
 * the server has had enough.
 */
enum ApiAttack {
    /** Bytes that mean nothing, in the place of TLS, of HTTP/1.1 or of HTTP/2. */
    GARBAGE(4) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            try (RawConnection connection = any(target, random)) {
                connection.send(bytes(random, 1 + random.nextInt(4_000)));
                connection.awaitPatience(50);
            }
        }
    },
    /** Handshakes of TLS that are not finished, or not begun. */
    HANDSHAKES(2) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            List<RawConnection> held = new ArrayList<>();
            try {
                for (int i = 0; i < 200; i++) {
                    RawConnection connection = target.bare();
                    held.add(connection);
                    switch (i % 5) {
                        case 0 -> {}
                        case 1 -> connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                        // A record that is to hold 512 bytes of a greeting, and holds but its beginning.
                        case 2 -> connection.send(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3});
                        case 3 -> {
                            connection.send(new byte[] {0x16, 3, 1});
                            connection.endOutput();
                        }
                        default -> {
                            byte[] noise = bytes(random, 300);
                            System.arraycopy(new byte[] {0x16, 3, 1, 1, 0x27, 1, 0, 1, 0x23}, 0, noise, 0, 9);
                            connection.send(noise);
                        }
                    }
                }
                pause(500);
            } finally {
                closeAll(held);
            }
        }
    },
    /** Requests of HTTP/1.1 that are none, or are one to one reader and two to another. */
    BAD_REQUESTS(4) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            try (RawConnection connection = target.http1()) {
                String request = BAD_HTTP1.get(random.nextInt(BAD_HTTP1.size()));
                connection.send(request.replace("TOKEN", ApiTarget.TOKEN) + "GET /version HTTP/1.1\r\nHost: a\r\n\r\n");
                connection.awaitPatience(50);
            }
        }
    },
    /** Frames of every type with any flags, stream and length. */
    BAD_FRAMES(4) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            try (RawConnection connection = target.http2()) {
                connection.preface(NOTHING);
                request(connection, 1, true, HeaderBlock.of("GET", "/version"));
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
    /** Header fields that HTTP/2 does not allow: doubled, of a connection, in capitals, with line ends, without a path. */
    BAD_FIELDS(4) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            try (RawConnection connection = target.http2()) {
                connection.preface(NOTHING);
                for (int stream = 1; stream < 40; stream += 2) {
                    HeaderBlock block =
                            random.nextInt(8) == 0 ? new HeaderBlock() : HeaderBlock.of("POST", ATTACKED_MAPS);
                    switch (random.nextInt(8)) {
                        case 0 -> block.field("connection", "close").field("transfer-encoding", "chunked");
                        case 1 -> block.field("content-length", "5").field("content-length", "6");
                        case 2 -> block.field(":path", "/api").field(":unknown", "x");
                        case 3 -> block.field("X-Capital", "x").field("", "x");
                        case 4 -> block.field("x", "a\r\nHost: b\r\n\r\nGET / HTTP/1.1");
                        case 5 -> block.field("content-length", "-1").field("te", "gzip");
                        case 6 -> block.field("authorization", "Bearer x").field("impersonate-user", "system:admin");
                        default -> block.field("x-remote-user", "admin").field("x-remote-group", "system:masters");
                    }
                    request(connection, stream, random.nextBoolean(), block);
                }
                connection.awaitPatience(50);
            }
        }
    },
    /** Headers and bodies that are too large, or say that they are. */
    OVERSIZED(2) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            switch (random.nextInt(5)) {
                case 0 -> {
                    try (RawConnection connection = target.http1()) {
                        connection.send("GET /version HTTP/1.1\r\nHost: a\r\n"
                                + ("X-Large: " + "y".repeat(8_000) + "\r\n").repeat(400));
                        connection.awaitPatience(200);
                    }
                }
                case 1 -> {
                    try (RawConnection connection = target.http1()) {
                        connection.send(head("POST", ATTACKED_MAPS, "application/json", 4L << 30));
                        connection.send("{\"data\":{\"a\":\"");
                        byte[] more = "x".repeat(64 << 10).getBytes(StandardCharsets.US_ASCII);
                        for (int i = 0; i < 500; i++) {
                            connection.send(more);
                        }
                        connection.awaitPatience(200);
                    }
                }
                case 2 -> {
                    try (RawConnection connection = target.http1()) {
                        connection.send(head("POST", ATTACKED_MAPS, "application/json", -1));
                        String chunk = "8000\r\n" + "[".repeat(0x8000) + "\r\n";
                        for (int i = 0; i < 500; i++) {
                            connection.send(chunk);
                        }
                        connection.awaitPatience(200);
                    }
                }
                case 3 -> {
                    try (RawConnection connection = target.http1()) {
                        connection.send("GET /" + "a".repeat(2 << 20) + " HTTP/1.1\r\nHost: a\r\n\r\n");
                        connection.awaitPatience(200);
                    }
                }
                default -> {
                    try (RawConnection connection = target.http2()) {
                        connection.preface(NOTHING);
                        HeaderBlock block = HeaderBlock.of("GET", "/version");
                        for (int i = 0; i < 300; i++) {
                            block.field("x-large-" + i, "y".repeat(8_000));
                        }
                        request(connection, 1, true, block);
                        connection.awaitPatience(200);
                    }
                }
            }
        }
    },
    /** YAML that multiplies, JSON without a bottom, patches of very many operations, messages of nothing. */
    HEAVY_BODIES(2) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            HeavyBodies.Request request = HeavyBodies.any(random);
            try (RawConnection connection = target.http1()) {
                connection.send(head(request.method(), request.path(), request.type(), request.body().length));
                connection.send(request.body());
                connection.closedWithin(5_000);
            }
        }
    },
    /** Selectors, pages and versions as large and as strange as they can be asked for. */
    SELECTORS(2) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            int many = 1_000 + random.nextInt(60_000);
            String query = switch (random.nextInt(9)) {
                case 0 -> "labelSelector=a%20in%20(" + "v,".repeat(many) + "v)";
                case 1 -> "labelSelector=" + "(".repeat(many);
                case 2 -> "labelSelector=" + "a,".repeat(many) + "a";
                case 3 -> "fieldSelector=" + "metadata.name!%3Dx,".repeat(many / 10) + "metadata.name!%3Dx";
                case 4 -> "fieldSelector=" + "%5C%5C".repeat(many / 4);
                case 5 -> "continue=" + "A".repeat(many) + "&limit=9223372036854775807";
                case 6 -> "limit=-1&resourceVersion=99999999999999999999&resourceVersionMatch=Exact";
                case 7 -> "a=b&".repeat(many / 4);
                default ->
                    "watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
                            + "&labelSelector=!" + "a".repeat(60);
            };
            try (RawConnection connection = target.http1()) {
                connection.send(head("GET", ATTACKED_MAPS + "?" + query, "", 0));
                connection.closedWithin(5_000);
            }
        }
    },
    /** Paths that lead upwards, sideways and nowhere. */
    PATHS(2) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            try (RawConnection connection = random.nextBoolean() ? target.http1() : target.http2()) {
                String path = STRANGE_PATHS.get(random.nextInt(STRANGE_PATHS.size()));
                connection.send(head(random.nextBoolean() ? "GET" : "PUT", path, "application/json", 0));
                connection.awaitPatience(50);
            }
            try (RawConnection connection = target.http2()) {
                connection.preface(NOTHING);
                for (int i = 0; i < STRANGE_PATHS.size(); i++) {
                    request(connection, 2 * i + 1, true, HeaderBlock.of("GET", STRANGE_PATHS.get(i)));
                }
                connection.awaitPatience(100);
            }
        }
    },
    /** Connections that stop in the middle of a word: before it, in the preface, in headers, in a body. */
    STALLED(1) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            List<RawConnection> held = new ArrayList<>();
            try {
                for (int i = 0; i < 100; i++) {
                    RawConnection connection = i % 7 < 4 ? target.http1() : target.http2();
                    held.add(connection);
                    switch (i % 7) {
                        case 0 -> {}
                        case 1 -> connection.send("POST " + ATTACKED_MAPS + " HTTP/1.1\r\nHost: a\r\nContent-Le");
                        case 2 -> connection.send(head("POST", ATTACKED_MAPS, "application/json", 100) + "{");
                        case 3 -> {
                            connection.send(head("POST", ATTACKED_MAPS, "application/json", 100) + "{");
                            connection.endOutput();
                        }
                        case 4 -> connection.send("PRI * HT");
                        case 5 -> {
                            connection.preface(NOTHING);
                            connection.send(new byte[] {0, 0, 100, RawConnection.HEADERS});
                        }
                        default -> {
                            connection.preface(NOTHING);
                            request(
                                    connection,
                                    1,
                                    false,
                                    HeaderBlock.of("POST", ATTACKED_MAPS).field("content-type", "application/json"));
                            connection.send(RawConnection.frame(RawConnection.DATA, 0, 1, new byte[] {'{'}));
                        }
                    }
                }
                pause(1_000);
            } finally {
                closeAll(held);
            }
        }
    },
    /** Bodies that come byte by byte, very many at a time. */
    SLOW_BODIES(1) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            List<RawConnection> held = new ArrayList<>();
            try {
                for (int i = 0; i < 60; i++) {
                    if (i % 2 == 0) {
                        RawConnection connection = target.http1();
                        held.add(connection);
                        connection.send(head("POST", ATTACKED_MAPS, "application/json", 1 << 20) + "{");
                    } else {
                        RawConnection connection = target.http2();
                        held.add(connection);
                        connection.preface(NOTHING);
                        for (int stream = 1; stream < 20; stream += 2) {
                            request(
                                    connection,
                                    stream,
                                    false,
                                    HeaderBlock.of("POST", ATTACKED_MAPS).field("content-type", "application/json"));
                        }
                    }
                }
                for (int round = 0; round < 10; round++) {
                    for (int i = 0; i < held.size(); i++) {
                        held.get(i)
                                .send(
                                        i % 2 == 0
                                                ? new byte[] {' '}
                                                : RawConnection.frame(
                                                        RawConnection.DATA, 0, 1 + 2 * round, new byte[] {' '}));
                    }
                    pause(100);
                }
            } finally {
                closeAll(held);
            }
        }
    },
    /** HTTP/1.1 requests whose headers come line by line, and very many requests behind each other. */
    SLOWLORIS(1) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            List<RawConnection> held = new ArrayList<>();
            try {
                for (int i = 0; i < 100; i++) {
                    RawConnection connection = target.http1();
                    held.add(connection);
                    connection.send("GET /readyz HTTP/1.1\r\nHost: a\r\n");
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
            try (RawConnection connection = target.http1()) {
                for (int i = 0; i < 1_000; i++) {
                    connection.send("GET /version HTTP/1.1\r\nHost: a\r\n\r\n");
                }
                connection.awaitPatience(100);
            }
        }
    },
    /** Large lists and watches of everything that nobody reads. */
    SLOW_READERS(1) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            String watch = "/api/v1/configmaps?watch=true&allowWatchBookmarks=true&sendInitialEvents=true"
                    + "&resourceVersionMatch=NotOlderThan";
            List<RawConnection> held = new ArrayList<>();
            try {
                for (int i = 0; i < 40; i++) {
                    String list = ATTACKED_MAPS + (random.nextBoolean() ? "" : "?resourceVersion=0");
                    String path = i % 4 < 2 ? watch : list;
                    RawConnection connection = i % 2 == 0 ? target.http1() : target.http2();
                    held.add(connection);
                    if (i % 2 == 0) {
                        connection.send(head("GET", path, "", 0));
                    } else {
                        // Some let the server send nothing at all, some take the first bytes into the system's buffers.
                        connection.preface(random.nextBoolean() ? initialWindow(0) : NOTHING);
                        for (int stream = 1; stream < 10; stream += 2) {
                            request(connection, stream, true, HeaderBlock.of("GET", path));
                        }
                    }
                }
                pause(1_500);
            } finally {
                closeAll(held);
            }
        }
    },
    /** Windows of one byte, windows beyond all bounds, windows that open and close, and senders that mind none. */
    WINDOW_TRICKS(2) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            try (RawConnection connection = target.http2()) {
                switch (random.nextInt(4)) {
                    case 0 -> {
                        connection.preface(initialWindow(1));
                        for (int stream = 1; stream < 20; stream += 2) {
                            request(connection, stream, true, HeaderBlock.of("GET", ATTACKED_MAPS));
                        }
                        for (int i = 0; i < 2_000; i++) {
                            connection.send(windowUpdate(1 + 2 * (i % 10), 1));
                        }
                    }
                    case 1 -> {
                        connection.preface(NOTHING);
                        request(connection, 1, true, HeaderBlock.of("GET", ATTACKED_MAPS));
                        int stream = random.nextInt(2);
                        connection.send(windowUpdate(stream, Integer.MAX_VALUE));
                        connection.send(windowUpdate(stream, random.nextBoolean() ? Integer.MAX_VALUE : 0));
                    }
                    case 2 -> {
                        connection.preface(NOTHING);
                        connection.send(windowUpdate(0, Integer.MAX_VALUE - 65_535));
                        for (int stream = 1; stream < 20; stream += 2) {
                            request(connection, stream, true, HeaderBlock.of("GET", ATTACKED_MAPS));
                        }
                        for (int i = 0; i < 300; i++) {
                            int size = i % 3 == 0 ? 0 : i % 3 == 1 ? 65_535 : Integer.MAX_VALUE;
                            connection.send(RawConnection.frame(RawConnection.SETTINGS, 0, 0, initialWindow(size)));
                        }
                    }
                    default -> {
                        connection.preface(NOTHING);
                        request(
                                connection,
                                1,
                                false,
                                HeaderBlock.of("POST", ATTACKED_MAPS).field("content-type", "application/json"));
                        byte[] piece = RawConnection.frame(RawConnection.DATA, 0, 1, new byte[FRAME_BYTES]);
                        for (int i = 0; i < 200; i++) {
                            connection.send(piece);
                        }
                    }
                }
                connection.awaitPatience(300);
            }
        }
    },
    /** Very many connections, all properly opened, that do nothing. */
    CONNECTIONS(4) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            List<RawConnection> held = new ArrayList<>();
            try {
                for (int i = 0; i < connectionsMax() / attackers(); i++) {
                    RawConnection connection = i % 2 == 0 ? target.http1() : target.http2();
                    held.add(connection);
                    if (i % 2 == 1) {
                        connection.preface(NOTHING);
                    }
                }
                pause(1_000);
            } finally {
                closeAll(held);
            }
        }
    },
    /** Requests that are taken back as soon as they are made. */
    RESET_FLOOD(2) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            try (RawConnection connection = target.http2()) {
                connection.preface(NOTHING);
                HeaderBlock block = random.nextBoolean()
                        ? HeaderBlock.of("GET", ATTACKED_MAPS)
                        : HeaderBlock.anonymous("GET", ATTACKED_MAPS);
                byte[] headers = block.bytes();
                byte[] cancel = ByteBuffer.allocate(4).putInt(8).array();
                for (int stream = 1; stream < 20_000; stream += 2) {
                    connection.send(RawConnection.frame(
                            RawConnection.HEADERS,
                            RawConnection.END_HEADERS | RawConnection.END_STREAM,
                            stream,
                            headers));
                    connection.send(RawConnection.frame(RawConnection.RST_STREAM, 0, stream, cancel));
                }
                connection.awaitPatience(100);
            }
        }
    },
    /** Pings, settings, priorities, window updates and empty data, as fast as they go. */
    FRAME_FLOOD(2) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            try (RawConnection connection = target.http2()) {
                connection.preface(NOTHING);
                byte[] one = switch (random.nextInt(5)) {
                    case 0 -> RawConnection.frame(RawConnection.PING, 0, 0, new byte[8]);
                    case 1 -> RawConnection.frame(RawConnection.SETTINGS, 0, 0, NOTHING);
                    case 2 -> RawConnection.frame(RawConnection.PRIORITY, 0, 3, new byte[5]);
                    case 3 -> windowUpdate(0, 1);
                    default -> {
                        request(
                                connection,
                                1,
                                false,
                                HeaderBlock.of("POST", ATTACKED_MAPS).field("content-type", "application/json"));
                        yield RawConnection.frame(RawConnection.DATA, 0, 1, NOTHING);
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
        void strike(ApiTarget target, Random random) throws IOException {
            try (RawConnection connection = target.http2()) {
                connection.preface(NOTHING);
                connection.send(RawConnection.frame(
                        RawConnection.HEADERS,
                        0,
                        1,
                        HeaderBlock.of("GET", "/version").bytes()));
                HeaderBlock block = new HeaderBlock();
                boolean empty = random.nextBoolean();
                for (int i = 0; i < 50 && !empty; i++) {
                    block.field("x-" + i, "y".repeat(100));
                }
                byte[] more = RawConnection.frame(RawConnection.CONTINUATION, 0, 1, block.bytes());
                for (int i = 0; i < 5_000; i++) {
                    connection.send(more);
                }
                connection.awaitPatience(100);
            }
        }
    },
    /** Requests to switch to something else that go no further, or go on with nonsense. */
    UPGRADES(2) {
        @Override
        void strike(ApiTarget target, Random random) throws IOException {
            List<RawConnection> held = new ArrayList<>();
            try {
                for (int i = 0; i < 40; i++) {
                    RawConnection connection = target.http1();
                    held.add(connection);
                    String protocol = UPGRADES_TO.get(i % UPGRADES_TO.size());
                    String path = UPGRADED.get(random.nextInt(UPGRADED.size()));
                    connection.send("GET " + path + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + ApiTarget.TOKEN
                            + "\r\nConnection: Upgrade\r\n" + protocol + (i % 5 == 0 ? "" : "\r\n"));
                    if (i % 3 == 0) {
                        connection.send(bytes(random, 1 + random.nextInt(500)));
                    }
                }
                pause(500);
            } finally {
                closeAll(held);
            }
        }
    };

    private static final String ATTACKED = "/api/v1/namespaces/" + ApiTarget.NAMESPACE;
    private static final String ATTACKED_MAPS = ATTACKED + "/configmaps";

    private static final List<String> BAD_HTTP1 = List.of(
            "GET\r\n\r\n",
            "GET /version\r\n\r\n",
            "GET /version HTTP/9.9\r\nHost: a\r\n\r\n",
            "GET /version HTTP/1.1\r\n\r\n",
            "GET /version HTTP/1.1\nHost: a\n\n",
            "GET /version HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET /version HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
            "GET /version HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET /version HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n",
            "GET /version HTTP/1.1\r\nHost: a\r\nX: \u0000\r\n\r\n",
            "G\u00c4T /version HTTP/1.1\r\nHost: a\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
            "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
            "POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nContent-Length: 7\r\n\r\nabcdef",
            "POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: +6\r\n\r\nabcdef",
            "POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nabcdef",
            "POST /api HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "POST /api HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
            "POST /api HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
            "POST /api HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
            "POST /api HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc\r\n",
            "POST /api HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\n\r\nabc\r\n0\r\nX: y\r\n\r\n",
            "GET /api HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer TOKEN\r\nAuthorization: Bearer x\r\n\r\n",
            "GET /api HTTP/1.1\r\nHost: a\r\nConnection: authorization\r\nAuthorization: Bearer TOKEN\r\n\r\n",
            "GET /api HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
            "GET /api HTTP/1.1\r\nHost: a\r\nX-Remote-User: admin\r\nX-Remote-Group: system:masters\r\n\r\n");

    private static final List<String> STRANGE_PATHS = List.of(
            "/../../../../etc/passwd",
            "/%2e%2e/%2e%2e/etc/passwd",
            "//api//v1//namespaces",
            "/api/v1/namespaces/%00/pods",
            "/api/v1/namespaces/" + ApiTarget.NAMESPACE + "/configmaps/%2e%2e%2fsecrets",
            "/api/v1/namespaces/..%2fkube-system/secrets/x",
            "/api/v1/namespaces/" + ApiTarget.NAMESPACE + "/pods/x/proxy/../../../secrets",
            "/api/v1/namespaces/" + ApiTarget.NAMESPACE + "/services/https:localhost:1:/proxy/%2e%2e/",
            "/apis/" + "a/".repeat(5_000),
            "/api/v1/namespaces/" + ApiTarget.NAMESPACE + "/configmaps/" + "n".repeat(50_000),
            "/api/v1/namespaces/%zz/pods",
            "/api/v1/namespaces/%ff%fe/pods",
            "/api/v1/watch/namespaces/x/pods/../../nodes",
            "/openapi/v3/../../etc/passwd",
            "/\\..\\..\\etc\\passwd",
            "http://metadata.invalid/latest",
            "*",
            "/api;jsessionid=1/v1",
            "/api/v1?%",
            "/api/v1/namespaces/" + ApiTarget.NAMESPACE + "/configmaps/victim/status/scale/exec");

    private static final List<String> UPGRADES_TO = List.of(
            String.join(
                    "\r\n",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Protocol: v5.channel.k8s.io",
                    ""),
            "Upgrade: websocket\r\nSec-WebSocket-Version: 99\r\n",
            "Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n",
            "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
            "Upgrade: TLS/1.0, websocket, " + "x,".repeat(2_000) + "\r\n");

    private static final List<String> UPGRADED = List.of(
            ATTACKED + "/pods/none/exec?command=sh&stdin=true&stdout=true",
            ATTACKED + "/pods/none/attach?stdin=true",
            ATTACKED + "/pods/none/portforward?ports=1",
            ATTACKED + "/pods/none/proxy/",
            ATTACKED + "/services/none/proxy/",
            ATTACKED_MAPS + "?watch=true&timeoutSeconds=5",
            ATTACKED_MAPS);

    private static final byte[] NOTHING = {};
    private static final int FRAME_BYTES = 16_000;

    private final int attackers;

    ApiAttack(int attackers) {
        this.attackers = attackers;
    }

    /** How many strike at a time. */
    int attackers() {
        return attackers;
    }

    abstract void strike(ApiTarget target, Random random) throws IOException;

    /** Connections of {@link #CONNECTIONS}; a short test makes do with fewer. */
    static int connectionsMax() {
        return Integer.getInteger("hostile.connections", 200);
    }

    static ApiAttack named(String name) {
        return valueOf(name.trim().toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** The name as a person types it. */
    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static RawConnection any(ApiTarget target, Random random) throws IOException {
        return switch (random.nextInt(4)) {
            case 0 -> target.bare();
            case 1 -> target.http1();
            case 2 -> target.http2();
            default -> {
                RawConnection connection = target.http2();
                connection.preface(NOTHING);
                yield connection;
            }
        };
    }

    /**
     * What a request of HTTP/1.1 begins with, behind which the connection is to be closed.
     *
     * @param type of the body; empty for none
     * @param length of the body; negative for one in chunks
     */
    private static String head(String method, String path, String type, long length) {
        String body = length < 0 ? "Transfer-Encoding: chunked\r\n" : "Content-Length: " + length + "\r\n";
        return method + " " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer "
                + ApiTarget.TOKEN + "\r\n" + (type.isEmpty() ? "" : "Content-Type: " + type + "\r\n" + body) + "\r\n";
    }

    /** Sends header fields in as many frames as they need. */
    private static void request(RawConnection connection, int stream, boolean ends, HeaderBlock block)
            throws IOException {
        byte[] all = block.bytes();
        int from = 0;
        do {
            byte[] piece = new byte[Math.min(FRAME_BYTES, all.length - from)];
            System.arraycopy(all, from, piece, 0, piece.length);
            int flags = from + piece.length == all.length ? RawConnection.END_HEADERS : 0;
            if (from == 0 && ends) {
                flags |= RawConnection.END_STREAM;
            }
            connection.send(RawConnection.frame(
                    from == 0 ? RawConnection.HEADERS : RawConnection.CONTINUATION, flags, stream, piece));
            from += piece.length;
        } while (from < all.length);
    }

    private static byte[] initialWindow(int size) {
        return ByteBuffer.allocate(6).putShort((short) 4).putInt(size).array();
    }

    private static byte[] windowUpdate(int stream, int more) {
        return RawConnection.frame(
                RawConnection.WINDOW_UPDATE,
                0,
                stream,
                ByteBuffer.allocate(4).putInt(more).array());
    }

    private static byte[] bytes(Random random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
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
}
