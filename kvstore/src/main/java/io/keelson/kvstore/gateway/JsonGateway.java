package io.keelson.kvstore.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.keelson.kvstore.gateway.GatewayRoutes.Route;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of the API: a POST with a JSON body is one call, its answer the response as JSON; a call that streams
 * answers with one line {@code {"result":...}} per message, and one that takes a stream takes what stands in the body, one
 * message after the other. Field names are the protocol's own ({@code range_end}), the
 * camel-case forms are read too; bytes are base64, 64-bit numbers strings, fields without a value left out.
 *
 * <p>Errors have etcd's HTTP status for the gRPC code and a body with {@code error}, {@code message} and {@code code}, in
 * which clients of older and newer gateways each find what they look for.
 *
 * <p>Headers of the gRPC call are given as {@code Grpc-Metadata-NAME}, as far as the services look at them, and its time
 * limit as {@code Grpc-Timeout}, such as {@code 500m} for half a second.
 *
 * <p>JSON is read and written on {@code workers}, never on an event loop. A reader that does not keep up stops the call
 * it reads from: messages are asked of the call one by one, as the client takes them.
 */
public final class JsonGateway implements HttpHandler {
    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> ACCEPT =
            Metadata.Key.of("grpcgateway-accept", Metadata.ASCII_STRING_MARSHALLER);
    private static final String METADATA_PREFIX = "grpc-metadata-";
    private static final List<Metadata.Key<String>> PASSED_ON = Stream.of(
                    "authorization", "token", "hasleader", "client-api-version")
            .map(name -> Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER))
            .toList();
    private static final Map<String, String> JSON = Map.of("content-type", "application/json");

    private final Channel channel;
    private final Executor workers;

    /**
     * @param channel leads to the services
     * @param workers bounded; what it rejects is answered with 429
     */
    public JsonGateway(Channel channel, Executor workers) {
        this.channel = channel;
        this.workers = workers;
    }

    @Override
    public void handle(HttpExchange exchange) {
        Route route = GatewayRoutes.at(exchange.path());
        if (route == null) {
            fail(exchange, Status.NOT_FOUND.withDescription("Not Found"));
            return;
        }
        if (!exchange.method().equals("POST")) {
            fail(exchange, Status.UNIMPLEMENTED.withDescription("Method Not Allowed"));
            return;
        }
        try {
            workers.execute(() -> start(exchange, route));
        } catch (RejectedExecutionException e) {
            fail(exchange, Status.RESOURCE_EXHAUSTED.withDescription("etcdserver: too many requests"));
        }
    }

    private void start(HttpExchange exchange, Route route) {
        List<Message> requests;
        try {
            requests = JsonRequests.read(
                    exchange.body(), route.request(), !route.method().getType().clientSendsOneMessage());
        } catch (InvalidProtocolBufferException e) {
            fail(exchange, Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
            return;
        }
        CallOptions options = CallOptions.DEFAULT.withExecutor(workers);
        String timeout = exchange.header("grpc-timeout");
        if (timeout != null) {
            long nanos = GrpcTimeout.nanos(timeout);
            if (nanos < 0) {
                fail(exchange, Status.INVALID_ARGUMENT.withDescription("invalid grpc-timeout: " + timeout));
                return;
            }
            options = options.withDeadlineAfter(nanos, TimeUnit.NANOSECONDS);
        }
        Metadata metadata = new Metadata();
        for (Metadata.Key<String> key : PASSED_ON) {
            String value = exchange.header(METADATA_PREFIX + key.name());
            if (value != null) {
                metadata.put(key, value);
            }
        }
        String authorization = exchange.header("authorization");
        if (authorization != null) {
            metadata.put(AUTHORIZATION, authorization);
            metadata.put(TOKEN, authorization);
        }
        metadata.put(ACCEPT, "application/json");
        ClientCall<Message, Message> call = channel.newCall(generic(route), options);
        boolean streams = !route.method().getType().serverSendsOneMessage();
        Answer answer = new Answer(exchange, call, streams);
        exchange.onClosed(() -> {
            if (!answer.finished) {
                call.cancel("the HTTP client is gone", null);
            }
        });
        call.start(answer, metadata);
        call.request(streams ? 1 : 2);
        requests.forEach(call::sendMessage);
        if (!route.heldOpen()) {
            call.halfClose();
        }
    }

    /** The generated descriptor, seen as one of messages of whatever type. */
    private static MethodDescriptor<Message, Message> generic(Route route) {
        MethodType type = route.method().getType();
        return MethodDescriptor.<Message, Message>newBuilder()
                .setFullMethodName(route.method().getFullMethodName())
                .setType(type)
                .setRequestMarshaller(ProtoUtils.marshaller(route.request()))
                .setResponseMarshaller(ProtoUtils.marshaller(route.response()))
                .build();
    }

    private static String print(Message message) {
        try {
            return PRINTER.print(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("no message of the API has a field that JSON cannot express", e);
        }
    }

    private static void fail(HttpExchange exchange, Status status) {
        exchange.respond(httpStatus(status), JSON, error(status).getBytes(StandardCharsets.UTF_8));
    }

    private static String error(Status status) {
        String text = quote(status.getDescription());
        return "{\"error\":" + text + ",\"code\":" + status.getCode().value() + ",\"message\":" + text + "}";
    }

    private static String streamError(Status status) {
        String text = quote(status.getDescription());
        int http = httpStatus(status);
        int code = status.getCode().value();
        return "{\"error\":{\"grpc_code\":" + code + ",\"http_code\":" + http + ",\"message\":" + text
                + ",\"http_status\":" + quote(reason(http)) + ",\"code\":" + code + "}}\n";
    }

    private static String reason(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 409 -> "Conflict";
            case 429 -> "Too Many Requests";
            case 499 -> "Client Closed Request";
            case 501 -> "Not Implemented";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            default -> "Internal Server Error";
        };
    }

    static String quote(@Nullable String text) {
        if (text == null) {
            return "\"\"";
        }
        StringBuilder out = new StringBuilder(text.length() + 16).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                default -> {
                    if (c < 0x20) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    private static int httpStatus(Status status) {
        return switch (status.getCode()) {
            case OK -> 200;
            case CANCELLED -> 499;
            case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
            case DEADLINE_EXCEEDED -> 504;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, ABORTED -> 409;
            case PERMISSION_DENIED -> 403;
            case UNAUTHENTICATED -> 401;
            case RESOURCE_EXHAUSTED -> 429;
            case UNIMPLEMENTED -> 501;
            case UNAVAILABLE -> 503;
            case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
        };
    }

    /** Carries what a call answers to the HTTP client. Called by one worker at a time. */
    private static final class Answer extends ClientCall.Listener<Message> {
        private final HttpExchange exchange;
        private final ClientCall<Message, Message> call;
        private final boolean streams;
        private HttpExchange.@Nullable Pieces pieces;
        private @Nullable Message single;
        private volatile boolean finished;

        Answer(HttpExchange exchange, ClientCall<Message, Message> call, boolean streams) {
            this.exchange = exchange;
            this.call = call;
            this.streams = streams;
        }

        @Override
        public void onMessage(Message message) {
            if (!streams) {
                single = message;
                return;
            }
            HttpExchange.Pieces out = pieces;
            if (out == null) {
                out = exchange.respondInPieces(200, JSON);
                pieces = out;
            }
            byte[] line = ("{\"result\":" + print(message) + "}\n").getBytes(StandardCharsets.UTF_8);
            if (out.write(line)) {
                call.request(1);
            } else {
                out.onReady(() -> call.request(1));
            }
        }

        @Override
        public void onClose(Status ended, Metadata trailers) {
            finished = true;
            // Go's words: gRPC's own for Java tell of its inner parts.
            Status status = ended.getCode() == Status.Code.DEADLINE_EXCEEDED
                    ? ended.withDescription("context deadline exceeded")
                    : ended;
            HttpExchange.Pieces out = pieces;
            if (out != null) {
                if (!status.isOk()) {
                    out.write(streamError(status).getBytes(StandardCharsets.UTF_8));
                }
                out.end();
            } else if (!status.isOk()) {
                fail(exchange, status);
            } else if (single != null) {
                exchange.respond(200, JSON, print(single).getBytes(StandardCharsets.UTF_8));
            } else {
                exchange.respond(200, JSON, new byte[0]);
            }
        }
    }
}
