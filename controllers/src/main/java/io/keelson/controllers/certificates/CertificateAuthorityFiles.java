package io.keelson.controllers.certificates;

import java.nio.file.Path;

/**
 * Where a certificate authority is kept. The files are read when something is to be signed, so that they may be
 * renewed.
 *
 * @param certificate PEM
 * @param key PEM
 */
public record CertificateAuthorityFiles(Path certificate, Path key) {}
