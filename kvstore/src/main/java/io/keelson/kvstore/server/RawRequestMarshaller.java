package io.keelson.kvstore.server;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Parses a request once and keeps its bytes. A message nested deeper than protobuf's limit of 100 is refused. */
public final class RawRequestMarshaller<T extends MessageLite> implements Marshaller<RawRequest<T>> {
    private final Parser<T> parser;

    private RawRequestMarshaller(Parser<T> parser) {
        this.parser = parser;
    }

    @SuppressWarnings("unchecked") // a message's parser yields messages of its own type
    public static <T extends MessageLite> RawRequestMarshaller<T> of(T defaultInstance) {
        return new RawRequestMarshaller<>((Parser<T>) defaultInstance.getParserForType());
    }

    @Override
    public InputStream stream(RawRequest<T> value) {
        return new ByteArrayInputStream(value.bytes());
    }

    @Override
    public RawRequest<T> parse(InputStream stream) {
        try {
            byte[] bytes = readAll(stream);
            CodedInputStream input = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
            // The array is ours alone: byte fields may refer to it instead of copying.
            input.enableAliasing(true);
            T message = parser.parseFrom(input);
            input.checkLastTagWas(0);
            return new RawRequest<>(message, bytes);
        } catch (IOException e) {
            // CheckedRequests makes an answer of it.
            throw Status.INTERNAL.withCause(e).asRuntimeException();
        }
    }

    /** gRPC knows how long a message is and says so, which spares a buffer for what might yet come. */
    private static byte[] readAll(InputStream stream) throws IOException {
        return stream instanceof KnownLength ? stream.readNBytes(stream.available()) : stream.readAllBytes();
    }
}
