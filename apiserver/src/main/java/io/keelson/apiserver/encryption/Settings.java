package io.keelson.apiserver.encryption;

import java.time.Duration;
import java.util.List;

/**
 * What an EncryptionConfiguration says.
 *
 * @param rules in their order
 */
record Settings(List<Rule> rules) {
    Settings {
        rules = List.copyOf(rules);
    }

    /** @param providers the first writes */
    record Rule(List<String> resources, List<ProviderSettings> providers) {
        Rule {
            resources = List.copyOf(resources);
            providers = List.copyOf(providers);
        }
    }

    /** One way to store values. */
    sealed interface ProviderSettings {
        /** As they are. */
        record Identity() implements ProviderSettings {}

        /** With keys that stand in the file; the first one writes. */
        record Keys(Algorithm algorithm, List<Key> keys) implements ProviderSettings {
            public Keys {
                keys = List.copyOf(keys);
            }
        }

        /** With keys that a plugin on this machine encrypts. */
        record Kms(String name, String endpoint, Duration timeout) implements ProviderSettings {}
    }

    /** What is done with a key. */
    enum Algorithm {
        AES_CBC("aescbc"),
        AES_GCM("aesgcm"),
        SECRET_BOX("secretbox");

        private final String text;

        Algorithm(String text) {
            this.text = text;
        }

        /** As it stands in the file, and before the values. */
        String text() {
            return text;
        }

        /** Of keys, in bytes. */
        List<Integer> lengths() {
            return this == SECRET_BOX ? List.of(SecretBox.SECRET) : List.of(16, 24, 32);
        }
    }

    /** A key with its name. */
    record Key(String name, byte[] secret) {
        /** Never shows the secret. */
        @Override
        public String toString() {
            return "Key[" + name + "]";
        }
    }
}
