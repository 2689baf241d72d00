package io.keelson.apiserver.kinds.certificates;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Text armour as certificates and keys wear it. */
final class Pem {
    private Pem() {}

    /**
     * One armoured thing.
     *
     * @param type what stands behind {@code -----BEGIN}
     * @param content in DER
     */
    record Block(String type, byte[] content) {}

    /** The blocks of a text; what cannot be read, and all that comes after it, is left out. */
    static List<Block> blocks(String text) {
        List<Block> blocks = new ArrayList<>();
        int at = 0;
        while (true) {
            int begin = text.indexOf("-----BEGIN ", at);
            int typeEnd = begin < 0 ? -1 : text.indexOf("-----", begin + 11);
            if (typeEnd < 0) {
                return blocks;
            }
            String type = text.substring(begin + 11, typeEnd);
            int end = text.indexOf("-----END " + type + "-----", typeEnd);
            if (end < 0) {
                return blocks;
            }
            try {
                blocks.add(new Block(type, Base64.getMimeDecoder().decode(text.substring(typeEnd + 5, end))));
            } catch (IllegalArgumentException e) {
                return blocks;
            }
            at = end;
        }
    }
}
