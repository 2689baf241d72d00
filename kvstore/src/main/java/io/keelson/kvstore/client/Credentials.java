package io.keelson.kvstore.client;

/** A user of the store and its password. */
public record Credentials(String user, String password) {
    @Override
    public String toString() {
        return "Credentials[user=" + user + "]";
    }
}
