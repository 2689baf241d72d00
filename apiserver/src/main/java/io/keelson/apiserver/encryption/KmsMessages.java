package io.keelson.apiserver.encryption;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * The protobuf messages of the KMS plugin API, and the one that stands in the store. They are few and small: fields with
 * bytes, text and maps.
 *
 * <pre>
 * StatusRequest {}                    StatusResponse { version = 1, healthz = 2, key_id = 3 }
 * EncryptRequest { plaintext = 1, uid = 2 }
 *                                     EncryptResponse { ciphertext = 1, key_id = 2, annotations = 3 }
 * DecryptRequest { ciphertext = 1, uid = 2, key_id = 3, annotations = 4 }
 *                                     DecryptResponse { plaintext = 1 }
 * EncryptedObject { encryptedData = 1, keyID = 2, encryptedDEKSource = 3, annotations = 4, encryptedDEKSourceType = 5 }
 * </pre>
 */
final class KmsMessages {
    private static final int KEY = 1;
    private static final int VALUE = 2;

    private KmsMessages() {}

    /** Writes a message, in the order of the fields' numbers; what is empty is left out. */
    static final class Writer {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Writer bytes(int field, byte[] value) {
            if (value.length > 0) {
                write(out -> out.writeByteArray(field, value));
            }
            return this;
        }

        Writer text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Writer number(int field, int value) {
            if (value != 0) {
                write(out -> out.writeEnum(field, value));
            }
            return this;
        }

        /** In the order of the keys. */
        Writer map(int field, Map<String, byte[]> map) {
            new TreeMap<>(map).forEach((key, value) -> {
                Writer entry = new Writer().text(KEY, key).bytes(VALUE, value);
                write(out -> out.writeByteArray(field, entry.done()));
            });
            return this;
        }

        byte[] done() {
            return bytes.toByteArray();
        }

        /** Writes to a stream. */
        @FunctionalInterface
        private interface Part {
            void write(CodedOutputStream out) throws IOException;
        }

        private void write(Part part) {
            try {
                CodedOutputStream out = CodedOutputStream.newInstance(bytes);
                part.write(out);
                out.flush();
            } catch (IOException e) {
                // Nothing that writes to memory.
                throw new UncheckedIOException(e);
            }
        }
    }

    /** What stands in a message: the last value of each field, all entries of maps. */
    static final class Reader {
        private final Map<Integer, byte[]> bytes = new TreeMap<>();
        private final Map<Integer, Long> numbers = new TreeMap<>();
        private final Map<Integer, Map<String, byte[]>> maps = new TreeMap<>();

        /**
         * Reads a message.
         *
         * @param mapField which field is a map; 0 for none
         * @throws IOException if it is none
         */
        Reader(byte[] message, int mapField) throws IOException {
            CodedInputStream in = CodedInputStream.newInstance(message);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                int field = WireFormat.getTagFieldNumber(tag);
                switch (WireFormat.getTagWireType(tag)) {
                    case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
                        byte[] value = in.readByteArray();
                        if (field == mapField) {
                            Reader entry = new Reader(value, 0);
                            maps.computeIfAbsent(field, _ -> new TreeMap<>()).put(entry.text(KEY), entry.bytes(VALUE));
                        } else {
                            bytes.put(field, value);
                        }
                    }
                    case WireFormat.WIRETYPE_VARINT -> numbers.put(field, in.readRawVarint64());
                    default -> {
                        if (!in.skipField(tag)) {
                            throw new IOException("a group ends that did not begin");
                        }
                    }
                }
            }
        }

        byte[] bytes(int field) {
            return bytes.getOrDefault(field, new byte[0]);
        }

        String text(int field) {
            return new String(bytes(field), StandardCharsets.UTF_8);
        }

        int number(int field) {
            return numbers.getOrDefault(field, 0L).intValue();
        }

        Map<String, byte[]> map(int field) {
            return maps.getOrDefault(field, Map.of());
        }
    }
}
