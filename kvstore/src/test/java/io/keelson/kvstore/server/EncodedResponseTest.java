package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.PutResponse;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.TxnRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EncodedResponseTest {
    private static final long CLUSTER = 0xcdf818194e3a8c32L;
    private static final long MEMBER = 0x8e9e05c52164694dL;

    private final Headers headers = new Headers(CLUSTER, MEMBER, () -> 7, () -> 3);

    @Test
    void anEncodedHeaderIsWhatProtobufWouldWrite() throws IOException {
        for (long revision : new long[] {0, 1, 127, 128, 1L << 40, Long.MAX_VALUE, -1}) {
            ResponseHeader expected = headers.header(revision);
            PutResponse parsed = PutResponse.parseFrom(headers.encoded(revision));
            assertEquals(expected, parsed.getHeader());
            assertEquals(
                    ByteString.copyFrom(
                            PutResponse.newBuilder().setHeader(expected).build().toByteArray()),
                    ByteString.copyFrom(headers.encoded(revision)));
        }
    }

    @Test
    void headAndBodyAreOneMessageHoweverTheyAreRead() throws IOException {
        byte[] body = PutResponse.newBuilder()
                .setPrevKv(io.keelson.kvstore.api.KeyValue.newBuilder().setKey(ByteString.copyFromUtf8("k")))
                .build()
                .toByteArray();
        EncodedResponse response = new EncodedResponse(headers.encoded(9), body);
        ByteArrayOutputStream drained = new ByteArrayOutputStream();
        assertEquals(
                response.sizeBytes(),
                ((Drainable) EncodedResponseMarshaller.INSTANCE.stream(response)).drainTo(drained));
        PutResponse fromDrain = PutResponse.parseFrom(drained.toByteArray());
        PutResponse fromRead = PutResponse.parseFrom(EncodedResponseMarshaller.INSTANCE.stream(response));
        assertEquals(fromDrain, fromRead);
        assertEquals(9, fromRead.getHeader().getRevision());
        assertEquals("k", fromRead.getPrevKv().getKey().toStringUtf8());
    }

    @Test
    void aResponseInManyPiecesIsOneMessageHoweverItIsRead() throws IOException {
        byte[] expected = new byte[100];
        new Random(1).nextBytes(expected);
        EncodedResponse response = new EncodedResponse(
                new byte[0],
                Arrays.copyOfRange(expected, 0, 30),
                List.of(Arrays.copyOfRange(expected, 30, 31), Arrays.copyOfRange(expected, 31, 100)));
        assertEquals(100, response.sizeBytes());
        ByteArrayOutputStream drained = new ByteArrayOutputStream();
        assertEquals(100, ((Drainable) EncodedResponseMarshaller.INSTANCE.stream(response)).drainTo(drained));
        assertArrayEquals(expected, drained.toByteArray());
        assertArrayEquals(
                expected, EncodedResponseMarshaller.INSTANCE.stream(response).readAllBytes());
        InputStream stream = EncodedResponseMarshaller.INSTANCE.stream(response);
        for (int i = 0; i < 100; i++) {
            assertEquals(100 - i, ((KnownLength) stream).available());
            assertEquals(expected[i] & 0xff, stream.read());
        }
        assertEquals(-1, stream.read());
        InputStream begun = EncodedResponseMarshaller.INSTANCE.stream(response);
        assertEquals(expected[0] & 0xff, begun.read());
        drained.reset();
        assertEquals(99, ((Drainable) begun).drainTo(drained));
        assertArrayEquals(Arrays.copyOfRange(expected, 1, 100), drained.toByteArray());
    }

    @Test
    void aRequestKeepsTheBytesItCameIn() {
        byte[] bytes = PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("a"))
                .setLease(5)
                .build()
                .toByteArray();
        RawRequest<PutRequest> request =
                RawRequestMarshaller.of(PutRequest.getDefaultInstance()).parse(new ByteArrayInputStream(bytes));
        assertEquals(5, request.message().getLease());
        assertEquals(ByteString.copyFrom(bytes), ByteString.copyFrom(request.bytes()));
    }

    @Test
    void malformedAndTooDeeplyNestedRequestsAreRefused() {
        RawRequestMarshaller<TxnRequest> marshaller = RawRequestMarshaller.of(TxnRequest.getDefaultInstance());
        assertThrows(
                StatusRuntimeException.class,
                () -> marshaller.parse(new ByteArrayInputStream(new byte[] {10, 100, 1})));
        TxnRequest nested = TxnRequest.getDefaultInstance();
        for (int depth = 0; depth < 60; depth++) {
            nested = TxnRequest.newBuilder()
                    .addSuccess(io.keelson.kvstore.api.RequestOp.newBuilder().setRequestTxn(nested))
                    .build();
        }
        byte[] deep = nested.toByteArray();
        assertThrows(StatusRuntimeException.class, () -> marshaller.parse(new ByteArrayInputStream(deep)));
    }
}
