import { expect, test } from "vitest";
import { findSymbolViolations, parseDynamicSymbols } from "./symbol-rules.mjs";

const clean = `
                 w __gmon_start__
                 U memcpy@GLIBC_2.14
                 U napi_create_object
000000000012c5e0 T napi_register_module_v1
                 U uv_async_send
                 U _Unwind_Resume@GCC_3.0
                 w __cxa_pure_virtual@CXXABI_1.3
                 U _ZNSt6localeD1Ev@GLIBCXX_3.4
`;

/** @returns the names that the rules object to */
function objectionsTo(nmOutput: string): string[] {
  return findSymbolViolations(parseDynamicSymbols(nmOutput)).map(({ symbol }) => symbol);
}

test("a module that needs only Node-API, libuv and the C and C++ runtimes is fit", () => {
  expect(objectionsTo(clean)).toEqual([]);
});

test("zlib left to the host process is found", () => {
  expect(objectionsTo(`${clean}                 U inflate\n                 U deflate\n`)).toEqual([
    "inflate",
    "deflate",
  ]);
});

test("a shared OpenSSL is found by its version tag", () => {
  expect(objectionsTo(`${clean}                 U EVP_sha256@OPENSSL_3.0.0\n`)).toEqual(["EVP_sha256"]);
});

test("V8 called directly, past Node-API, is found", () => {
  expect(objectionsTo(`${clean}                 U _ZN2v87Isolate10GetCurrentEv\n`)).toEqual([
    "_ZN2v87Isolate10GetCurrentEv",
  ]);
});

test("an OpenSSL function that the module exports is found, strong or weak", () => {
  expect(objectionsTo(`${clean}0000000000000010 T SSL_new\n0000000000000020 W CRYPTO_free\n`)).toEqual([
    "SSL_new",
    "CRYPTO_free",
  ]);
});

test("a module without Node's entry point is refused", () => {
  expect(objectionsTo("                 U napi_create_object\n")).toEqual(["napi_register_module_v1"]);
});

test("a line that nm never prints is an error and not an empty symbol table", () => {
  expect(() => parseDynamicSymbols("realm.node: no symbols")).toThrow(/not understood/);
});

test("both spellings of a version tag are read", () => {
  expect(parseDynamicSymbols("0000000000000010 T f@@V_1\n                 U g@V_2\n")).toEqual([
    { type: "T", name: "f", version: "V_1" },
    { type: "U", name: "g", version: "V_2" },
  ]);
});
