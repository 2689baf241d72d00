package io.keelson.apiserver.kinds.common;

import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.validation.Addresses;
import java.util.List;

/** What is odd about addresses and ranges of them that are let pass: those of fields from before one was strict with them. */
public final class AddressWarnings {
    private AddressWarnings() {}

    /** There are several ways to write an address, and programs that do not know all of them. */
    public static void tellOfAddress(String text, String path, List<String> warnings) {
        String canonical = Addresses.canonical(text);
        if (canonical == null || canonical.equals(text)) {
            return;
        }
        warnings.add(
                canonical.indexOf(':') >= 0
                        ? path + ": IPv6 address " + GoText.quoted(text) + " should be in RFC 5952 canonical format ("
                                + GoText.quoted(canonical) + ")"
                        : path + ": non-standard IP address " + GoText.quoted(text)
                                + " will be considered invalid in a future Kubernetes release: use "
                                + GoText.quoted(canonical));
    }

    /** As for addresses; besides, a range should begin with its first address. */
    public static void tellOfRange(String text, String path, List<String> warnings) {
        Addresses.Cidr range = Addresses.Cidr.parse(text);
        if (range == null) {
            return;
        }
        String address = text.substring(0, text.indexOf('/'));
        String first = range.first();
        String canonical = first + "/" + range.prefix();
        String canonicalAddress = String.valueOf(Addresses.canonical(address));
        boolean ambiguous = !canonicalAddress.equals(first);
        if (ambiguous) {
            warnings.add(path + ": CIDR value " + GoText.quoted(text) + " is ambiguous in this context (should be "
                    + GoText.quoted(canonical) + " or " + GoText.quoted(canonicalAddress + "/" + range.bits()) + "?)");
        }
        boolean standard = range.bits() == 32
                ? text.equals(canonicalAddress + "/" + range.prefix())
                : text.endsWith("/" + range.prefix());
        if (!standard) {
            warnings.add(path + ": non-standard CIDR value " + GoText.quoted(text)
                    + " will be considered invalid in a future Kubernetes release: use " + GoText.quoted(canonical));
        } else if (!ambiguous && !text.equals(canonical)) {
            warnings.add(path + ": IPv6 CIDR value " + GoText.quoted(text) + " should be in RFC 5952 canonical format ("
                    + GoText.quoted(canonical) + ")");
        }
    }
}
