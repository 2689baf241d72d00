package io.keelson.proxy.rules;

/**
 * What an element of a map leads to; nothing, of a set.
 *
 * @param data empty if it leads to none
 * @param chain to which the packet goes; empty if it leads to none
 * @param comment for who looks at it, and by which an endpoint that clients keep is known again
 */
public record ElementValue(Octets data, String chain, String comment) {
    /** That of an element of a set. */
    public static final ElementValue NONE = new ElementValue(Octets.EMPTY, "", "");

    /** How long a comment may be in the kernel. */
    private static final int COMMENT_CHARACTERS_MAX = 120;

    public ElementValue {
        comment = comment.substring(0, Math.min(comment.length(), COMMENT_CHARACTERS_MAX));
    }

    static ElementValue goTo(String chain, String comment) {
        return new ElementValue(Octets.EMPTY, chain, comment);
    }

    /** Whether another means the same to packets. */
    public boolean means(ElementValue other) {
        return data.equals(other.data) && chain.equals(other.chain);
    }
}
