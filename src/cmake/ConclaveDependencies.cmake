# What Conclave stands on, as Debian 12 packages it.

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(CapnProto REQUIRED)
find_package(Asio REQUIRED)
find_package(Lmdb REQUIRED)
find_package(IsaL REQUIRED)
find_package(spdlog REQUIRED)
