package io.keelson.proxy.rules;

/**
 * What an element of a map leads to; nothing, of a set.
 *
 * @param data empty if it leads to none
 * @param chain to which the packet goes; empty if it leads to none
 * @param comment for who looks at it; not compared with what the kernel has
 */
public record ElementValue(Octets data, String chain, String comment) {
    /** That of an element of a set. */
    public static final ElementValue NONE = new ElementValue(Octets.EMPTY, "", "");

    static ElementValue of(Octets data) {
        return new ElementValue(data, "", "");
    }

    static ElementValue goTo(ChoiceChain chain) {
        return new ElementValue(Octets.EMPTY, chain.label(), "");
    }

    /** Whether another means the same to packets. */
    public boolean means(ElementValue other) {
        return data.equals(other.data) && chain.equals(other.chain);
    }
}
