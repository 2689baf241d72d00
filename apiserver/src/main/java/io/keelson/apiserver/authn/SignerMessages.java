package io.keelson.apiserver.authn;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The protobuf messages of the API of external signers.
 *
 * <pre>
 * SignJWTRequest { claims = 1 }       SignJWTResponse { header = 1, signature = 2 }
 * FetchKeysRequest {}                 FetchKeysResponse { repeated Key keys = 1, Timestamp data_timestamp = 2,
 *                                                         refresh_hint_seconds = 3 }
 *                                     Key { key_id = 1, key = 2, exclude_from_oidc_discovery = 3 }
 *                                     Timestamp { seconds = 1, nanos = 2 }
 * MetadataRequest {}                  MetadataResponse { max_token_expiration_seconds = 1 }
 * </pre>
 */
final class SignerMessages {
    private SignerMessages() {}

    /**
     * A header and a signature of a token, each as it stands there.
     *
     * @param header in Base64 for URLs
     * @param signature in Base64 for URLs
     */
    record Signature(String header, String signature) {}

    /**
     * A key.
     *
     * @param bytes as X.509 writes public keys
     * @param excluded whether others are not told of it
     */
    record Key(String id, byte[] bytes, boolean excluded) {}

    /**
     * The keys of a signer.
     *
     * @param dataTimestamp when it had them from where they are kept; null if it does not say
     * @param refreshHintSeconds when it wants to be asked again
     */
    record Keys(List<Key> keys, @Nullable Instant dataTimestamp, long refreshHintSeconds) {}

    /** What takes a field. */
    @FunctionalInterface
    private interface Field {
        /** @return whether the value was read; it is passed over otherwise */
        boolean read(int number, int wireType, CodedInputStream in) throws IOException;
    }

    static byte[] signRequest(String claims) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.writeString(1, claims);
            out.flush();
        } catch (IOException e) {
            // Nothing that writes to memory.
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** @throws IOException if it is no such message */
    static Signature signature(byte[] message) throws IOException {
        String[] parts = {"", ""};
        read(message, (number, wireType, in) -> {
            if (wireType != WireFormat.WIRETYPE_LENGTH_DELIMITED || number > parts.length) {
                return false;
            }
            parts[number - 1] = in.readStringRequireUtf8();
            return true;
        });
        return new Signature(parts[0], parts[1]);
    }

    /** @throws IOException if it is no such message */
    static Keys keys(byte[] message) throws IOException {
        List<Key> keys = new ArrayList<>();
        Instant[] timestamp = new Instant[1];
        long[] hint = {0};
        read(message, (number, wireType, in) -> {
            if (number == 1 && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                keys.add(key(in.readByteArray()));
            } else if (number == 2 && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                timestamp[0] = timestamp(in.readByteArray());
            } else if (number == 3 && wireType == WireFormat.WIRETYPE_VARINT) {
                hint[0] = in.readInt64();
            } else {
                return false;
            }
            return true;
        });
        return new Keys(List.copyOf(keys), timestamp[0], hint[0]);
    }

    private static Key key(byte[] message) throws IOException {
        String[] id = {""};
        byte[][] bytes = {new byte[0]};
        boolean[] excluded = {false};
        read(message, (number, wireType, in) -> {
            if (number == 1 && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                id[0] = in.readStringRequireUtf8();
            } else if (number == 2 && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                bytes[0] = in.readByteArray();
            } else if (number == 3 && wireType == WireFormat.WIRETYPE_VARINT) {
                excluded[0] = in.readBool();
            } else {
                return false;
            }
            return true;
        });
        return new Key(id[0], bytes[0], excluded[0]);
    }

    private static Instant timestamp(byte[] message) throws IOException {
        long[] parts = {0, 0};
        read(message, (number, wireType, in) -> {
            if (wireType != WireFormat.WIRETYPE_VARINT || number > parts.length) {
                return false;
            }
            parts[number - 1] = in.readInt64();
            return true;
        });
        try {
            return Instant.ofEpochSecond(parts[0], parts[1]);
        } catch (DateTimeException | ArithmeticException e) {
            throw new IOException("invalid data timestamp: " + e.getMessage(), e);
        }
    }

    /** How long a token may live at most, in seconds. */
    static long maxTokenExpirationSeconds(byte[] message) throws IOException {
        long[] seconds = {0};
        read(message, (number, wireType, in) -> {
            if (number != 1 || wireType != WireFormat.WIRETYPE_VARINT) {
                return false;
            }
            seconds[0] = in.readInt64();
            return true;
        });
        return seconds[0];
    }

    private static void read(byte[] message, Field field) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(message);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            boolean taken = field.read(WireFormat.getTagFieldNumber(tag), WireFormat.getTagWireType(tag), in);
            if (!taken && !in.skipField(tag)) {
                throw new IOException("a group ends that did not begin");
            }
        }
    }
}
