package io.keelson.agent.image;

/**
 * Which secret a password is from, and what stands for the password itself.
 *
 * @param credentialHash the same for the same user and password, from which these cannot be found
 */
record SecretIdentity(String uid, String namespace, String name, String credentialHash) {
    /** Whether it is the same secret, though its password may be another one by now. */
    boolean isOf(SecretIdentity other) {
        return uid.equals(other.uid) && namespace.equals(other.namespace) && name.equals(other.name);
    }

    /** Whether user and password are the same. */
    boolean isSameLogin(SecretIdentity other) {
        return !credentialHash.isEmpty() && credentialHash.equals(other.credentialHash);
    }
}
