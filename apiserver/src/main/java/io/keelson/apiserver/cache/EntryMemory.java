package io.keelson.apiserver.cache;

/**
 * What entries may hold beside their bytes: trees, which take about ten times the memory, for whoever changes or converts
 * the same object soon; and the bytes of other forms, for all who are sent the same event.
 *
 * @param trees counted by the bytes of their entries; of all caches together
 * @param forms of one cache, so that one that changes much leaves the others theirs
 */
record EntryMemory(RecentlyMade<CacheEntry> trees, RecentlyMade<EncodedForm> forms) {
    /** @param bytesMax how many bytes of encoded objects may be held as trees, too */
    static RecentlyMade<CacheEntry> trees(long bytesMax) {
        return new RecentlyMade<>(bytesMax, CacheEntry::sizeBytes, CacheEntry::forgetTree);
    }

    /** @param bytesMax how many bytes of other forms may be held, with the bytes of their entries */
    static RecentlyMade<EncodedForm> forms(long bytesMax) {
        return new RecentlyMade<>(bytesMax, EncodedForm::sizeBytes, EncodedForm::forget);
    }
}
