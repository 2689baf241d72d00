package io.keelson.apiserver.encryption;

import io.keelson.apiserver.store.Transformer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Several ways to store values, each known by what its values begin with. The first one writes. Whichever fits reads; if it
 * fails, others that fit are tried, for a provider may be there twice, with other keys.
 */
final class Providers implements Transformer {
    private final List<Provider> providers;
    private final String nothingFits;

    /** @param prefix what values begin with; empty for those that begin with anything */
    record Provider(byte[] prefix, Transformer transformer) {
        static Provider of(String prefix, Transformer transformer) {
            return new Provider(prefix.getBytes(StandardCharsets.UTF_8), transformer);
        }
    }

    /**
     * @param providers at least one
     * @param nothingFits the error for values that none reads
     */
    Providers(List<Provider> providers, String nothingFits) {
        this.providers = List.copyOf(providers);
        this.nothingFits = nothingFits;
    }

    @Override
    public byte[] toStored(String key, byte[] value) throws GeneralSecurityException {
        Provider first = providers.getFirst();
        byte[] stored = first.transformer().toStored(key, value);
        return first.prefix().length == 0 ? stored : Bytes.concat(first.prefix(), stored);
    }

    @Override
    public Transformer.Plain fromStored(String key, byte[] stored) throws GeneralSecurityException {
        List<GeneralSecurityException> failures = new ArrayList<>();
        for (int i = 0; i < providers.size(); i++) {
            Provider provider = providers.get(i);
            int prefix = provider.prefix().length;
            if (!Bytes.startsWith(stored, provider.prefix())) {
                continue;
            }
            try {
                byte[] rest = prefix == 0 ? stored : Bytes.from(stored, prefix);
                Transformer.Plain plain = provider.transformer().fromStored(key, rest);
                return new Transformer.Plain(plain.value(), plain.stale() || i > 0);
            } catch (GeneralSecurityException e) {
                // That something is encrypted is no reason not to look for who can read it.
                if (prefix > 0) {
                    failures.add(e);
                }
            }
        }
        throw failures.size() == 1 ? failures.getFirst() : new GeneralSecurityException(text(failures));
    }

    private String text(List<GeneralSecurityException> failures) {
        if (failures.isEmpty()) {
            return nothingFits;
        }
        Set<String> texts = new LinkedHashSet<>();
        failures.forEach(failure -> texts.add(String.valueOf(failure.getMessage())));
        return texts.size() == 1 ? texts.iterator().next() : "[" + String.join(", ", texts) + "]";
    }
}
