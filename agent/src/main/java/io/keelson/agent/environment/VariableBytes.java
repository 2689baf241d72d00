package io.keelson.agent.environment;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Values of variables, which may be any bytes, as text and back. What is UTF-8 is the text it is; a byte that is not
 * becomes one half of a surrogate pair, {@code U+DC00} and the byte, which no text has alone. So nothing is lost on
 * the way from a secret to a container.
 */
public final class VariableBytes {
    private static final char FIRST = '\udc00';

    private VariableBytes() {}

    /** Bytes as text. */
    public static String text(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (result.isUnderflow()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (FIRST + (in.get() & 0xff)));
            }
            decoder.reset();
        }
    }

    /** The bytes of such a text. A surrogate that stands for no byte becomes a question mark. */
    public static byte[] bytes(String text) {
        try {
            ByteBuffer plain = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[plain.remaining()];
            plain.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            return mixed(text);
        }
    }

    private static byte[] mixed(String text) {
        ByteBuffer bytes = ByteBuffer.allocate(text.length() * 4);
        text.codePoints().forEach(point -> {
            if (point >= FIRST && point <= FIRST + 0xff) {
                bytes.put((byte) (point - FIRST));
            } else {
                bytes.put(Character.toString(point).getBytes(StandardCharsets.UTF_8));
            }
        });
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}
